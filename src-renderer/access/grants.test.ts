import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { grantsOf, grantsTo, subjectOf, subjectText, whoMay, type Question } from './grants.ts'

const object = (name: string, namespace: string, more: object): KubeObject =>
  ({ metadata: { name, ...(namespace ? { namespace } : {}) }, ...more }) as unknown as KubeObject
const rule = (verbs: string[], apiGroups: string[], resources: string[], resourceNames?: string[]) => ({
  verbs,
  apiGroups,
  resources,
  resourceNames,
})
const to = (kind: 'Role' | 'ClusterRole', name: string, ...subjects: object[]) => ({
  roleRef: { kind, name },
  subjects,
})
const account = (namespace: string, name: string) => ({ kind: 'ServiceAccount', namespace, name })
const user = (name: string) => ({ kind: 'User', name })
const group = (name: string) => ({ kind: 'Group', name })

const grants = grantsOf({
  roles: [
    object('reader', 'shop', { rules: [rule(['get', 'list'], [''], ['pods', 'pods/log'])] }),
    object('one', 'shop', { rules: [rule(['get'], [''], ['secrets'], ['login'])] }),
  ],
  clusterRoles: [
    object('admin', '', { rules: [rule(['*'], ['*'], ['*'])] }),
    object('scaler', '', { rules: [rule(['patch'], ['apps'], ['*/scale'])] }),
  ],
  roleBindings: [
    object('readers', 'shop', to('Role', 'reader', user('jane'), account('shop', 'default'))),
    object('login', 'shop', to('Role', 'one', user('jane'))),
    object('scalers', 'lab', to('ClusterRole', 'scaler', group('system:serviceaccounts:shop'))),
    object('lost', 'lab', to('Role', 'nowhere', user('joe'))),
  ],
  clusterRoleBindings: [object('admins', '', to('ClusterRole', 'admin', group('system:masters')))],
})

const who = (verb: string, resource: string, namespace = ''): string[] =>
  whoMay(grants, { verb, resource, namespace } satisfies Question).map(
    (one) =>
      `${subjectText(one.subject)} by ${one.binding.name}${one.names.length > 0 ? ` of ${one.names.join()}` : ''}`,
  )

describe('who may', () => {
  const master = 'Group system:masters by admins'

  it('names everybody and by which binding, in a namespace or anywhere', () => {
    expect(who('get', 'pods')).toEqual(['User jane by readers', 'ServiceAccount shop/default by readers', master])
    expect(who('get', 'pods', 'lab')).toEqual([master])
    expect(who('delete', 'pods')).toEqual([master])
  })

  it('tells groups and subresources apart', () => {
    expect(who('get', 'pods/log')).toHaveLength(3)
    expect(who('get', 'pods/exec')).toEqual([master])
    expect(who('patch', 'deployments.apps/scale')).toEqual(['Group system:serviceaccounts:shop by scalers', master])
    expect(who('patch', 'deployments.other/scale')).toEqual([master])
  })

  it('says when it is for some objects alone', () => {
    expect(who('get', 'secrets')).toEqual(['User jane by login of login', master])
  })
})

describe('what a subject may', () => {
  it('has what its groups have, and what is granted to its name as a user', () => {
    const bindings = (text: string): string[] => grantsTo(grants, subjectOf(text)!).map(({ binding }) => binding.name)
    expect(bindings('ServiceAccount shop/default')).toEqual(['readers', 'scalers'])
    expect(bindings('ServiceAccount lab/default')).toEqual([])
    expect(bindings('User jane')).toEqual(['readers', 'login'])
  })

  it('tells of a role that does not exist', () => {
    expect(grantsTo(grants, subjectOf('User joe')!)[0]).toMatchObject({ rules: undefined, role: { name: 'nowhere' } })
  })

  it('reads what a person wrote of a subject', () => {
    expect(subjectOf(' Group  system:masters ')).toEqual({ kind: 'Group', name: 'system:masters', namespace: '' })
    expect(['jane', 'User', 'ServiceAccount default', 'ServiceAccount a/b/c'].map(subjectOf)).toEqual(
      Array(4).fill(undefined),
    )
  })
})
