// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { emptyDraft, nameFor, problemsOf, referenceOf, referenceText, wishOf } from './draft.ts'
import { bare, changedObjects, objectNames } from './manifest.ts'
import { overridesOf } from './overrides.ts'

describe('what differs from a chart’s own values', () => {
  const own = '# One.\nimage:\n  repository: nginx\n  tag: "1"\nports: [80, 443]\nreplicas: 1\n'
  it.each([
    ['nothing for the same text', own, ''],
    ['nothing for other comments', own.replace('# One.', '# Two.'), ''],
    ['a value within a map, without its neighbours', own.replace('"1"', '"2"'), 'image:\n  tag: "2"\n'],
    ['a list as a whole', own.replace('443', '8443'), 'ports:\n- 80\n- 8443\n'],
    ['what the chart does not know', `${own}more: true\n`, 'more: true\n'],
    ['a map in place of a value', own.replace('replicas: 1', 'replicas: {a: 1}'), 'replicas:\n  a: 1\n'],
    ['nothing for what is left out: it stays the chart’s own', 'replicas: 1\n', ''],
    ['a null, which takes a value away', own.replace('replicas: 1', 'replicas: null'), 'replicas: null\n'],
    ['what is no map, for helm to say what is wrong', '- a\n', '- a\n'],
    ['what cannot be read, for helm to say what is wrong', 'a: [', 'a: ['],
    ['nothing for nothing', '# only\n', ''],
  ])('is %s', (_, given, differing) => expect(overridesOf(own, given)).toBe(differing))
})

describe('a form for a release', () => {
  const draft = { ...emptyDraft(), chart: ' a/web ', name: 'web', values: 'a: 2\n', defaults: 'a: 1\nb: 1\n' }

  it('says what is wrong by field', () => {
    expect(problemsOf(draft, 'install', new Set())).toEqual({})
    expect(problemsOf(draft, 'install', new Set(['default/web']))).toEqual({ name: 'nameTaken' })
    expect(problemsOf(draft, 'upgrade', new Set(['default/web']))).toEqual({})
    expect(
      problemsOf({ ...draft, chart: ' ', name: 'W', namespace: 'a.b', timeout: 'x' }, 'install', new Set()),
    ).toEqual({
      chart: 'required',
      name: 'nameHint',
      namespace: 'namespaceHint',
      timeout: 'timeoutHint',
    })
  })

  it('gives at an installation what differs, at an upgrade what stands there', () => {
    const read = referenceText(referenceOf(draft))
    expect(wishOf({ ...draft, read, values: 'a: 1\nb: 2\n' }, 'install')).toMatchObject({
      values: 'b: 2\n',
      createNamespace: true,
      timeout: 300,
      chart: { source: 'repository', chart: 'a/web' },
    })
    // Of another chart, or of none that could be read, the chart's own values are not known.
    expect(wishOf({ ...draft, read, version: '2', values: 'a: 1\n' }, 'install').values).toBe('a: 1\n')
    const upgrade = wishOf({ ...draft, values: 'a: 1\n', version: ' 2 ' }, 'upgrade')
    expect(upgrade.values).toBe('a: 1\n')
    expect(upgrade).not.toHaveProperty('createNamespace')
    expect(referenceOf({ ...draft, version: ' 2 ' })).toEqual({ source: 'repository', chart: 'a/web', version: '2' })
  })

  it('suggests a name of the chart’s', () => {
    expect(nameFor('bitnami/nginx')).toBe('nginx')
    expect(nameFor('/charts/My Chart/')).toBe('my-chart')
    expect(nameFor('https://a/web-1.2.3.tgz')).toBe('web')
    expect(nameFor('oci://a/b/web:1')).toBe('web')
    expect(nameFor('')).toBe('')
  })
})

describe('manifests', () => {
  const object = (name: string, more = '') =>
    `---\n# Source: a/b.yaml\napiVersion: v1\nkind: A\nmetadata:\n  name: ${name}\n${more}`
  it('name their objects, and those that differ', () => {
    const manifest = `${object('one')}${object('two', '  namespace: shop\n')}`
    expect(objectNames(manifest)).toEqual(['A one', 'A shop/two'])
    const next = `${object('one', 'data: {}\n')}${object('three')}`
    expect(changedObjects(manifest, next)).toEqual(['A one', 'A three', 'A shop/two'])
    expect(changedObjects(manifest, manifest)).toEqual([])
  })

  it('are compared without telling where a part comes from', () => {
    expect(bare(object('one'))).toBe('---\napiVersion: v1\nkind: A\nmetadata:\n  name: one')
  })
})
