import type { PolicyRule } from '#types/rbac.authorization.k8s.io/v1'
import { describe, expect, it } from 'vitest'
import { attributes, FakeObjects, run } from '../testing/arrange.ts'
import { rbacEscalation } from './rbac-escalation.ts'

const GROUP = 'rbac.authorization.k8s.io'
const jane = { name: 'jane', groups: ['dev', 'system:authenticated'] }
const pods = (verbs: string[], more: object = {}) => ({ verbs, apiGroups: [''], resources: ['pods'], ...more })
const role = (rules: PolicyRule[]) => ({ metadata: { name: 'r', namespace: 'shop' }, rules })
const binding = (kind = 'Role') => ({
  metadata: { name: 'b', namespace: 'shop' },
  roleRef: { apiGroup: GROUP, kind, name: 'r' },
  subjects: [],
})

function arrange(rules: PolicyRule[], may: string[] = []) {
  const objects = new FakeObjects()
  const plugin = rbacEscalation(objects, {
    may: (_user, { verb, resource, name }) => Promise.resolve(may.includes(`${verb} ${resource} ${name}`)),
    rules: () => Promise.resolve(rules),
  })
  const write = (kind: string, object: object, more: object = {}) =>
    run([plugin], attributes(GROUP, kind, object, { user: jane, ...more }))
  return { objects, write }
}

describe('roles', () => {
  it('grant what their writer holds', async () => {
    const { write } = arrange([pods(['*'])])
    await expect(write('Role', role([pods(['get', 'list'])]))).resolves.toBeUndefined()
  })

  it('grant nothing that their writer does not hold, in the words of upstream', async () => {
    const { write } = arrange([pods(['get'])])
    await expect(write('Role', role([pods(['get', 'list', 'watch'])]))).rejects.toMatchObject({
      code: 403,
      message:
        'roles.rbac.authorization.k8s.io "r" is forbidden: user "jane" (groups=["dev" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["list" "watch"]}',
    })
  })

  it.each([
    ['one name held is not all names', [pods(['get'], { resourceNames: ['a'] })], pods(['get'])],
    ['another name', [pods(['get'], { resourceNames: ['a'] })], pods(['get'], { resourceNames: ['b'] })],
    ['the subresource of a resource held', [pods(['get'])], pods(['get'], { resources: ['pods/exec'] })],
    [
      'a path beyond the one held',
      [{ verbs: ['get'], nonResourceURLs: ['/a/*'] }],
      { verbs: ['get'], nonResourceURLs: ['/b'] },
    ],
    ['all verbs for one', [pods(['get'])], pods(['*'])],
  ])('do not pass with %s', async (_, held, wanted) => {
    await expect(arrange(held).write('Role', role([wanted]))).rejects.toMatchObject({ code: 403 })
  })

  it.each([
    ['a name among all', [pods(['get'])], pods(['get'], { resourceNames: ['a'] })],
    [
      'a subresource by its pattern',
      [pods(['get'], { resources: ['*/status'] })],
      pods(['get'], { resources: ['pods/status'] }),
    ],
    [
      'a path below a star',
      [{ verbs: ['get'], nonResourceURLs: ['/a/*'] }],
      { verbs: ['get'], nonResourceURLs: ['/a/b'] },
    ],
  ])('pass with %s', async (_, held, wanted) => {
    await expect(arrange(held).write('Role', role([wanted]))).resolves.toBeUndefined()
  })

  it('pass when the verb escalate is held, or nothing of the rules changes', async () => {
    await expect(arrange([], ['escalate roles r']).write('Role', role([pods(['get'])]))).resolves.toBeUndefined()
    const old = role([pods(['get'])])
    const more = { operation: 'UPDATE', oldObject: old }
    await expect(arrange([]).write('Role', structuredClone(old), more)).resolves.toBeUndefined()
  })

  it('are not labelled into others by who does not hold what they grant', async () => {
    const old = role([pods(['get'])])
    const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }
    const labelled = { ...old, metadata: { ...old.metadata, labels } }
    const more = { operation: 'UPDATE', oldObject: old }
    await expect(arrange([]).write('Role', labelled, more)).rejects.toMatchObject({ code: 403 })
    await expect(arrange([pods(['get'])]).write('Role', labelled, more)).resolves.toBeUndefined()
  })

  it('may be given finalizers and owners by whoever may write them', async () => {
    const old = role([pods(['get'])])
    const metadata = { ...old.metadata, finalizers: ['a/b'], ownerReferences: [{ name: 'o' }], labels: undefined }
    const more = { operation: 'UPDATE', oldObject: old }
    await expect(arrange([]).write('Role', { ...old, metadata }, more)).resolves.toBeUndefined()
  })

  it('that aggregate, or did, need everything, in the words of upstream', async () => {
    const plain = { metadata: { name: 'r' }, rules: [pods(['get'])] }
    const aggregated = { ...plain, aggregationRule: { clusterRoleSelectors: [{}] } }
    const refused = {
      code: 403,
      message:
        'clusterroles.rbac.authorization.k8s.io "r" is forbidden: must have cluster-admin privileges to use the aggregationRule',
    }
    const { write } = arrange([pods(['*'])])
    await expect(write('ClusterRole', aggregated)).rejects.toMatchObject(refused)
    const more = { operation: 'UPDATE', oldObject: aggregated }
    await expect(write('ClusterRole', plain, more)).rejects.toMatchObject(refused)
  })
})

describe('bindings', () => {
  it('grant only roles that their writer holds or may bind', async () => {
    const without = arrange([])
    without.objects.put(GROUP, 'roles', role([pods(['get'])]))
    await expect(without.write('RoleBinding', binding())).rejects.toMatchObject({ code: 403 })
    const binder = arrange([], ['bind roles r'])
    binder.objects.put(GROUP, 'roles', role([pods(['get'])]))
    await expect(binder.write('RoleBinding', binding())).resolves.toBeUndefined()
    const holder = arrange([pods(['get'])])
    holder.objects.put(GROUP, 'roles', role([pods(['get'])]))
    await expect(holder.write('RoleBinding', binding())).resolves.toBeUndefined()
  })

  it('are labelled by who holds their role, or may bind it', async () => {
    const old = binding()
    const labelled = { ...old, metadata: { ...old.metadata, labels: { a: 'b' } } }
    const more = { operation: 'UPDATE', oldObject: old }
    const without = arrange([])
    without.objects.put(GROUP, 'roles', role([pods(['get'])]))
    await expect(without.write('RoleBinding', labelled, more)).rejects.toMatchObject({ code: 403 })
    await expect(without.write('RoleBinding', structuredClone(old), more)).resolves.toBeUndefined()
    await expect(arrange([], ['bind roles r']).write('RoleBinding', labelled, more)).resolves.toBeUndefined()
  })

  it('of a role that is not there are refused to who may not bind it', async () => {
    await expect(arrange([]).write('RoleBinding', binding('ClusterRole'))).rejects.toMatchObject({
      message: 'clusterroles.rbac.authorization.k8s.io "r" not found',
    })
  })
})

it('lets administrators pass', async () => {
  const user = { name: 'root', groups: ['system:masters'] }
  await expect(arrange([]).write('Role', role([pods(['*'])]), { user })).resolves.toBeUndefined()
})
