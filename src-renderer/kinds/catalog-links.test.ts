import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { viewsOf } from './catalog.ts'

const metadata = { name: 'web', namespace: 'shop' }
const account = (name: string) => ({ kind: 'ServiceAccount', namespace: 'ops', name })

/** Where the cells of a column lead, in a list that the server describes. */
function linkOf(id: string, column: string, fields: object): unknown {
  const [resource = '', ...rest] = id.split('.')
  const group = rest.join('.')
  const found = { group, version: 'v1', resource, kind: resource, namespaced: true, verbs: ['list', 'watch'] }
  const [view] = viewsOf([{ ...found, shortNames: [] }])
  view!.table!.columns.value = [{ name: column, type: 'string' }]
  return view!.columns.find((one) => one.id === column)!.link?.(partial<KubeObject>({ metadata, ...fields }))
}

it('an autoscaler leads to what it scales, where that has a page', () => {
  const linkTo = (apiVersion: string, kind: string) =>
    linkOf('horizontalpodautoscalers.autoscaling', 'Reference', {
      spec: { scaleTargetRef: { apiVersion, kind, name: 'cart' } },
    })
  expect(linkTo('apps/v1', 'Deployment')).toEqual({ view: 'deployments.apps', namespace: 'shop', name: 'cart' })
  expect(linkTo('v1', 'ReplicationController')).toMatchObject({ view: 'replicationcontrollers' })
  expect(linkTo('example.com/v1', 'Deployment')).toBeUndefined()
  expect(linkTo('example.com/v1', 'Rocket')).toBeUndefined()
})

it.each(['rolebindings', 'clusterrolebindings'])('%s lead to the role they give and to the one account', (resource) => {
  const id = `${resource}.rbac.authorization.k8s.io`
  const roleRef = (kind: string) => ({ roleRef: { kind, name: 'reader' } })
  const user = { kind: 'User', name: 'jane' }
  expect(linkOf(id, 'Role', roleRef('Role'))).toEqual({
    view: 'roles.rbac.authorization.k8s.io',
    namespace: 'shop',
    name: 'reader',
  })
  expect(linkOf(id, 'Role', roleRef('ClusterRole'))).toEqual({
    view: 'clusterroles.rbac.authorization.k8s.io',
    name: 'reader',
  })
  expect(linkOf(id, 'ServiceAccounts', { subjects: [user, account('ci')] })).toEqual({
    view: 'serviceaccounts',
    namespace: 'ops',
    name: 'ci',
  })
  expect(linkOf(id, 'ServiceAccounts', { subjects: [account('ci'), account('cd')] })).toBeUndefined()
  expect(linkOf(id, 'ServiceAccounts', { subjects: [user] })).toBeUndefined()
  expect(linkOf(id, 'ServiceAccounts', {})).toBeUndefined()
})

it('attachments, aggregated APIs and flow schemas lead to what they name', () => {
  const attachment = { spec: { nodeName: 'n1', source: { persistentVolumeName: 'v' } } }
  expect(linkOf('volumeattachments.storage.k8s.io', 'PV', attachment)).toEqual({ view: 'persistentvolumes', name: 'v' })
  expect(linkOf('volumeattachments.storage.k8s.io', 'Node', attachment)).toEqual({ view: 'nodes', name: 'n1' })
  const service = { namespace: 'kube-system', name: 'metrics' }
  expect(linkOf('apiservices.apiregistration.k8s.io', 'Service', { spec: { service } })).toEqual({
    view: 'services',
    ...service,
  })
  expect(linkOf('apiservices.apiregistration.k8s.io', 'Service', { spec: {} })).toBeUndefined()
  expect(
    linkOf('flowschemas.flowcontrol.apiserver.k8s.io', 'PriorityLevel', {
      spec: { priorityLevelConfiguration: { name: 'system' } },
    }),
  ).toEqual({ view: 'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io', name: 'system' })
})
