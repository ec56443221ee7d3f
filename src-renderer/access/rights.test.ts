import { describe, expect, it } from 'vitest'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { Kube } from '../api/kube.ts'
import { createRights, grants, namesGranted, type GrantedRule, type Right } from './rights.ts'

const right = (verb: string, resource: string, more: Partial<Right> = {}): Right => {
  const [plural = '', subresource] = resource.split('/')
  return { verb, group: '', resource: plural, namespace: 'shop', ...(subresource ? { subresource } : {}), ...more }
}
const settled = (): Promise<void> => new Promise((done) => setTimeout(done))

describe('the rules of a namespace', () => {
  const rules: GrantedRule[] = [
    { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'pods/log'] },
    { verbs: ['*'], apiGroups: ['apps'], resources: ['*'] },
    { verbs: ['update'], apiGroups: ['*'], resources: ['*/scale'] },
    { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['login'] },
  ]
  it.each<[boolean, Right]>([
    [true, right('get', 'pods')],
    [true, right('get', 'pods/log')],
    [false, right('delete', 'pods')],
    [false, right('create', 'pods/exec')],
    [true, right('delete', 'deployments', { group: 'apps' })],
    [true, right('patch', 'deployments/scale', { group: 'apps' })],
    [true, right('update', 'things/scale', { group: 'example.com' })],
    [false, right('get', 'secrets')],
    [true, right('get', 'secrets', { name: 'login' })],
    [false, right('get', 'secrets', { name: 'other' })],
  ])('grant or not: %s %o', (expected, asked) => {
    expect(grants(rules, asked)).toBe(expected)
  })
})

/** A cluster that grants to read pods; reviews that it cannot make whole say so. */
function cluster({ incomplete = false, fails = false } = {}) {
  const asked: string[] = []
  let time = 0
  const kube = partial<Kube>({
    send: (_: string, path: string, body: unknown) => {
      const { kind } = body as { kind: string }
      asked.push(kind)
      if (fails) return Promise.reject(new Error('no reviews here'))
      const { spec } = body as { spec: { resourceAttributes?: Right } }
      const status =
        kind === 'SelfSubjectRulesReview'
          ? { incomplete, resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] }
          : { allowed: spec.resourceAttributes?.resource === 'nodes' }
      return Promise.resolve({ object: { path, status }, warnings: [] } as never)
    },
  })
  const rights = createRights(kube, () => time)
  return {
    asked,
    pass: (milliseconds: number) => void (time += milliseconds),
    async may(...questions: Right[]) {
      questions.map(rights.may)
      await settled()
      questions.map(rights.may)
      await settled()
      return questions.map(rights.may)
    },
  }
}

describe('what a person may do', () => {
  it('is asked once for each namespace, and again after some minutes', async () => {
    const { may, asked, pass } = cluster()
    expect(await may(right('get', 'pods'), right('delete', 'pods'), right('get', 'secrets'))).toEqual([
      true,
      false,
      false,
    ])
    expect(asked).toEqual(['SelfSubjectRulesReview'])
    pass(300_000)
    await may(right('get', 'pods'))
    expect(asked).toHaveLength(2)
  })

  it('is asked one by one where rules are not told in full, and of what belongs to no namespace', async () => {
    const { may, asked } = cluster({ incomplete: true })
    const nodes = right('patch', 'nodes', { namespace: undefined })
    expect(await may(right('get', 'pods'), right('delete', 'pods'), nodes)).toEqual([true, false, true])
    expect(asked).toEqual(['SelfSubjectRulesReview', 'SelfSubjectAccessReview', 'SelfSubjectAccessReview'])
  })

  it('is not known, so not forbidden, where nobody answers', async () => {
    const { may, asked } = cluster({ fails: true })
    expect(await may(right('get', 'pods'))).toEqual([undefined])
    expect(asked).toHaveLength(1)
  })
})

it('names of objects that rules grant one by one are told, of the verb and the resource that is meant', () => {
  const rules: GrantedRule[] = [
    { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['login', 'api'] },
    { verbs: ['get', 'update'], apiGroups: [''], resources: ['secrets', 'configmaps'], resourceNames: ['login', 'ca'] },
    { verbs: ['update'], apiGroups: [''], resources: ['secrets'], resourceNames: ['other'] },
    { verbs: ['get'], apiGroups: [''], resources: ['secrets'] },
  ]
  expect(namesGranted(rules, 'get', { group: '', resource: 'secrets' })).toEqual(['api', 'ca', 'login'])
  expect(namesGranted(rules, 'get', { group: 'apps', resource: 'deployments' })).toEqual([])
})
