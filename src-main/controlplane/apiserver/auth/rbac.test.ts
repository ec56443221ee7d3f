import { beforeEach, describe, expect, it } from 'vitest'
import { FakeObjects } from '../../admission/testing/arrange.ts'
import type { AccessAttributes } from './auth.ts'
import { rbacAuthorizer, type Rbac } from './rbac.ts'

const GROUP = 'rbac.authorization.k8s.io'
const jane = { name: 'jane', groups: ['dev', 'system:authenticated'] }
let objects: FakeObjects
let rbac: Rbac

beforeEach(() => {
  objects = new FakeObjects()
  rbac = rbacAuthorizer(objects)
})

const grant = (rule: object, namespace = '', subject: object = { kind: 'Group', name: 'dev' }) => {
  const kind = namespace ? 'Role' : 'ClusterRole'
  objects.put(GROUP, namespace ? 'roles' : 'clusterroles', { metadata: { name: 'r', namespace }, rules: [rule] })
  const roleRef = { apiGroup: GROUP, kind, name: 'r' }
  objects.put(GROUP, namespace ? 'rolebindings' : 'clusterrolebindings', {
    metadata: { name: 'b', namespace },
    roleRef,
    subjects: [subject],
  })
  rbac.invalidate()
}
const ask = (more: Partial<AccessAttributes>) => {
  const resource = {
    group: '',
    version: 'v1',
    resource: 'pods',
    subresource: '',
    namespace: 'shop',
    name: 'p',
    path: '',
  }
  return rbac.authorize({ user: jane, verb: 'get', ...resource, ...more })
}
const pods = (more: object = {}) => ({ verbs: ['get'], apiGroups: [''], resources: ['pods'], ...more })

describe('RBAC', () => {
  it('refuses what nothing allows and allows administrators everything', async () => {
    expect(await ask({})).toEqual({ allowed: false })
    expect(await ask({ user: { name: 'root', groups: ['system:masters'] } })).toEqual({ allowed: true })
  })

  it('allows by a binding, in its namespace only, and says by which', async () => {
    grant(pods(), 'shop')
    expect(await ask({})).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "b/shop" of Role "r" to Group "dev"',
    })
    expect((await ask({ namespace: 'else' })).allowed).toBe(false)
    expect((await ask({ namespace: '' })).allowed).toBe(false)
  })

  it('says of a refusal which roles nobody made that were to allow it', async () => {
    const bind = (plural: string, namespace: string, kind: string, name: string) =>
      objects.put(GROUP, plural, {
        metadata: { name: `to-${name}`, namespace },
        roleRef: { apiGroup: GROUP, kind, name },
        subjects: [{ kind: 'Group', name: 'dev' }],
      })
    bind('clusterrolebindings', '', 'ClusterRole', 'gone')
    bind('rolebindings', 'shop', 'Role', 'none')
    bind('rolebindings', 'else', 'ClusterRole', 'gone')
    rbac.invalidate()
    const gone = 'clusterrole.rbac.authorization.k8s.io "gone" not found'
    const none = 'role.rbac.authorization.k8s.io "none" not found'
    expect(await ask({ namespace: '' })).toEqual({ allowed: false, reason: `RBAC: ${gone}` })
    const { reason } = await ask({})
    expect(reason).toContain(none)
    expect(reason).toMatch(/^RBAC: \[.*, .*\]$/)
    expect((await rbac.rulesFor(jane, 'else')).missing).toEqual([gone])
    expect((await ask({ user: { name: 'joe', groups: [] } })).reason).toBeUndefined()
  })

  it('forgets what it knew of a user once a binding is gone', async () => {
    grant(pods())
    expect((await ask({})).allowed).toBe(true)
    objects.remove(GROUP, 'clusterrolebindings', '', 'b')
    rbac.invalidate()
    expect((await ask({})).allowed).toBe(false)
  })

  it.each([
    [{ resourceNames: ['p'] }, {}, true],
    [{ resourceNames: ['p'] }, { name: '' }, false],
    [{}, { subresource: 'log' }, false],
    [{ resources: ['pods/log'] }, { subresource: 'log' }, true],
    [{ resources: ['*/log'] }, { subresource: 'log' }, true],
    [{ resources: ['*'] }, { subresource: 'log' }, true],
    [{ apiGroups: ['apps'] }, {}, false],
    [{ verbs: ['*'] }, { verb: 'delete' }, true],
  ])('a rule %j asked for %j: %s', async (rule, asked, allowed) => {
    grant(pods(rule))
    expect((await ask(asked)).allowed).toBe(allowed)
  })

  it.each([
    ['/healthz', '/healthz', true],
    ['/healthz', '/healthz/x', false],
    ['/apis/*', '/apis/apps', true],
    ['*', '/anything', true],
  ])('a path %s asked for %s: %s', async (pattern, path, allowed) => {
    grant({ verbs: ['get'], nonResourceURLs: [pattern] })
    expect((await ask({ resource: '', name: '', namespace: '', path })).allowed).toBe(allowed)
  })

  it('knows service accounts of the namespace of the binding', async () => {
    grant(pods(), 'shop', { kind: 'ServiceAccount', name: 'till' })
    expect((await ask({ user: { name: 'system:serviceaccount:shop:till', groups: [] } })).allowed).toBe(true)
    expect((await ask({ user: { name: 'system:serviceaccount:else:till', groups: [] } })).allowed).toBe(false)
  })

  it('tells what a user may do in a namespace', async () => {
    grant(pods(), 'shop')
    expect((await rbac.rulesFor(jane, 'shop')).resourceRules).toEqual([pods()])
    expect((await rbac.rulesFor(jane, 'else')).resourceRules).toEqual([])
  })
})
