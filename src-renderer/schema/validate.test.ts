import { describe, expect, it } from 'vitest'
import { appsV1 } from './testing/apps-v1.ts'
import { validate, versionsIn } from './validate.ts'

const schemas = new Map([['apps/v1', appsV1]])
const deployment = (spec: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n${spec}`
const valid = deployment(
  '  replicas: 2\n  selector: {matchLabels: {app: web}}\n  template:\n    spec:\n      containers:\n      - name: main\n        image: web:1\n',
)
const said = (text: string): string[] =>
  validate(text, schemas).map(({ line, column, code, values }) => `${line}:${column} ${code} ${values['path'] ?? ''}`)

describe('validation of manifests', () => {
  it('has nothing to say of a good one', () => {
    expect(said(valid)).toEqual([])
    expect(said(valid.replace('replicas: 2', 'replicas: null'))).toEqual([])
  })

  it('tells the line of what is no YAML', () => {
    const [problem] = validate('apiVersion: v1\nkind: Pod\nmetadata:\n  name: [a\nspec: {}\n', schemas)
    expect(problem).toMatchObject({ code: 'syntax' })
    expect(problem!.line).toBeGreaterThanOrEqual(4)
    expect(said('a: 1\na: 2\n')).toEqual(['2:1 syntax '])
  })

  it('names unknown fields, with the one that was probably meant', () => {
    const text = valid.replace('image: web:1', 'imgae: web:1\n        zzz: 1')
    expect(said(text)).toEqual([
      '11:9 unknownNear spec.template.spec.containers[0].imgae',
      '12:9 unknown spec.template.spec.containers[0].zzz',
    ])
    expect(validate(text, schemas)[0]!.values['near']).toBe('image')
  })

  it('refuses values of a wrong type and lets either type of a field that has two', () => {
    expect(said(valid.replace('replicas: 2', 'replicas: "2"'))).toEqual(['5:13 type spec.replicas'])
    expect(said(valid.replace('app: web', 'app: yes'))).toEqual(['6:33 type spec.selector.matchLabels.app'])
    expect(said(valid.replace('app: web', 'app: 12:30'))).toEqual([])
    expect(said(valid.replace('image: web:1', 'image: 2026-01-01'))).toEqual([])
    for (const surge of ['1', '25%'])
      expect(said(`${valid}  strategy: {rollingUpdate: {maxSurge: ${surge}}}\n`)).toEqual([])
    for (const cpu of ['1', '0.5', '100m'])
      expect(said(`${valid}        resources: {limits: {cpu: ${cpu}}}\n`)).toEqual([])
    expect(said(`${valid}  strategy: {rollingUpdate: {maxSurge: true}}\n`)).toHaveLength(1)
  })

  it('asks for required fields, except those that have a default or are merged in', () => {
    expect(said(deployment('  replicas: 1\n'))).toEqual(['5:3 required spec.selector', '5:3 required spec.template'])
    expect(said(valid.replace('name: main', 'name:'))).toEqual(['10:9 required spec.template.spec.containers[0].name'])
    const merged = valid
      .replace('- name: main', '- <<: *base')
      .replace('metadata: {name: web}', 'metadata: {name: web, annotations: &base {name: main}}')
    expect(said(merged)).toEqual([])
  })

  it('knows the values of closed sets', () => {
    expect(said(`${valid}  strategy: {type: Rolling}\n`)).toEqual(['12:20 enum spec.strategy.type'])
  })

  it('follows aliases and leaves the status to the server', () => {
    const text = `${valid}status: {nonsense: 1}\n`
    expect(said(text)).toEqual([])
    expect(said(`${valid.replace('{app: web}', '&l {app: web}')}  paused: *l\n`)).toEqual(['12:11 type spec.paused'])
    expect(said(`${valid}  paused: *nothing\n`)).toEqual(['12:11 syntax '])
  })

  it('asks every document for what it is, and says when the cluster does not serve it', () => {
    expect(said('kind: Pod\n')).toEqual(['1:1 missing apiVersion'])
    expect(said('- a\n')).toEqual(['1:1 type .'])
    expect(said('apiVersion: apps/v1\nkind: Deploy\n')).toEqual(['2:7 kind '])
    expect(said('apiVersion: other/v1\nkind: X\nfoo: 1\n')).toEqual([])
    expect(validate('apiVersion: gone/v1\nkind: X\n', new Map([['gone/v1', null]]))[0]).toMatchObject({ code: 'kind' })
    expect(said(`${valid}---\nkind: Pod\n`)).toEqual(['13:1 missing apiVersion'])
    const list = 'apiVersion: v1\nkind: List\nitems:\n- apiVersion: apps/v1\n  kind: Deployment\n  speck: {}\n'
    expect(said(list)).toContain('6:3 unknownNear speck')
  })

  it('finds the versions that a text needs', () => {
    expect(versionsIn('apiVersion: v1\n---\napiVersion: "apps/v1"\n---\napiVersion: v1\n')).toEqual(['v1', 'apps/v1'])
  })
})
