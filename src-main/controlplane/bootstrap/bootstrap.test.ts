import { beforeEach, expect, it } from 'vitest'
import type { ClusterRole, ClusterRoleBinding, PolicyRule, RoleBinding } from '#types/rbac.authorization.k8s.io/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { FakeTransport } from '../../../src-kube/client/testing/fake-transport.ts'
import { createClient, type Client } from '../../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { admin, arrange, at } from '../registry/testing/arrange.ts'
import { inProcessTransport } from '../registry/transport.ts'
import { bootstrap } from './index.ts'
import { namespacedRbacObjects } from './rbac.ts'
import { missingOf } from './reconcile.ts'

const options = {
  apiServer: { address: '172.28.0.1', port: 6443 },
  token: 'abcdef.0123456789abcdef',
  ca: 'CA',
  server: 'https://127.0.0.1:6443',
  now: Date.UTC(2026, 0, 31),
}
let server: FakeTransport
let client: Client
beforeEach(() => {
  server = new FakeTransport({ clock: new FakeClock() })
  client = createClient(server)
})

it('changes nothing when it runs again', async () => {
  await bootstrap(server, options)
  const before = JSON.stringify(server.all(refs.clusterRoles))
  await bootstrap(server, options)
  expect(JSON.stringify(server.all(refs.clusterRoles))).toBe(before)
})

it('of an API server that pods do not reach leaves them the one that they reach', async () => {
  const beside = {
    ...options,
    apiServer: { address: '127.0.0.1', port: 7443 },
    token: 'fedcba.0123456789abcdef',
    yields: true,
  }
  const address = () => server.peek(refs.endpoints, 'kubernetes', 'default')?.subsets?.[0]?.addresses?.[0]?.ip
  await bootstrap(server, beside)
  expect(address()).toBe('127.0.0.1')
  await bootstrap(server, options)
  await bootstrap(server, beside)
  expect(address()).toBe('172.28.0.1')
  expect(server.peek(refs.secrets, 'bootstrap-token-fedcba', 'kube-system')).toBeDefined()
})

it('says since when uses of tokens are noted, once and for all', async () => {
  await bootstrap(server, options)
  await bootstrap(server, { ...options, now: options.now + 86_400_000 })
  const name = 'kube-apiserver-legacy-service-account-token-tracking'
  expect((await client.resource(refs.configMaps).get(name, 'kube-system')).data).toEqual({ since: '2026-01-31' })
})

it('gives a default role back what was taken from it, and leaves what was added', async () => {
  await bootstrap(server, options)
  const roles = client.resource(refs.clusterRoles)
  const role = await roles.get('system:discovery')
  const own = { verbs: ['get'], nonResourceURLs: ['/own'] }
  await roles.update({ ...role, rules: [own] })
  await bootstrap(server, options)
  expect((await roles.get('system:discovery')).rules).toEqual([own, ...role.rules!])
})

it('grants what later releases grant: whoever is authenticated may ask who they are', async () => {
  await bootstrap(server, options)
  const { rules } = await client.resource(refs.clusterRoles).get('system:basic-user')
  expect(rules?.flatMap(({ resources }) => resources)).toEqual([
    'selfsubjectaccessreviews',
    'selfsubjectrulesreviews',
    'selfsubjectreviews',
  ])
})

it('whoever may edit writes events and leases, and endpoints no more', async () => {
  await bootstrap(server, options)
  const { rules = [] } = await client.resource(refs.clusterRoles).get('system:aggregate-to-edit')
  const writable = rules.filter(({ verbs }) => verbs.includes('update')).flatMap(({ resources = [] }) => resources)
  expect(writable).toEqual(expect.arrayContaining(['configmaps', 'events', 'leases', 'services']))
  expect(writable).not.toContain('endpoints')
})

it('leaves a role alone whose annotation says so', async () => {
  await bootstrap(server, options)
  const roles = client.resource(refs.clusterRoles)
  const role = await roles.get('system:discovery')
  const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' }
  await roles.update({ ...role, metadata: { ...role.metadata, annotations }, rules: [] })
  await bootstrap(server, options)
  expect((await roles.get('system:discovery')).rules).toEqual([])
})

it('adds missing subjects to a binding and rules that are held only in part', () => {
  const group = (name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name })
  const binding = { metadata: { name: 'b' }, subjects: [group('mine')] } as ClusterRoleBinding
  expect(missingOf({ subjects: [group('a')] }, binding)).toEqual({ subjects: [group('mine'), group('a')] })
  const pods = (verbs: string[], more: object = {}) => ({ verbs, apiGroups: [''], resources: ['pods'], ...more })
  const role = (rules: object[]) => ({ metadata: { name: 'r' }, rules }) as ClusterRole
  const partly = role([pods(['get'], { resourceNames: ['one'] })])
  expect(missingOf({ rules: [pods(['get'])] }, partly)).toBeDefined()
  expect(missingOf({ rules: [pods(['get'])] }, role([pods(['get', 'list'])]))).toBeUndefined()
})

it('has a role for resource metrics that viewers, editors and administrators are given, and registers the group', async () => {
  await bootstrap(server, options)
  const role = await client.resource(refs.clusterRoles).get('system:aggregated-metrics-reader')
  for (const whose of ['view', 'edit', 'admin'])
    expect(role.metadata.labels).toHaveProperty([`rbac.authorization.k8s.io/aggregate-to-${whose}`], 'true')
  expect(role.rules).toEqual([
    { verbs: ['get', 'list', 'watch'], apiGroups: ['metrics.k8s.io'], resources: ['nodes', 'pods'] },
  ])
  const { spec } = await client.resource(refs.apiServices).get('v1beta1.metrics.k8s.io')
  expect(spec).toMatchObject({ group: 'metrics.k8s.io', version: 'v1beta1', groupPriorityMinimum: 100 })
})

it('binds the roles of its own namespaces under the names of upstream', () => {
  const bindings = namespacedRbacObjects().filter(({ kind }) => kind === 'RoleBinding') as RoleBinding[]
  const named = bindings.map(({ metadata, roleRef }) => [metadata.namespace ?? '', metadata.name, roleRef.name])
  const same = (namespace: string, name: string) => [namespace, name, name]
  const reader = 'extension-apiserver-authentication-reader'
  expect(named.toSorted(([a, b], [c, d]) => (`${a}/${b}` < `${c}/${d}` ? -1 : 1))).toEqual([
    same('kube-public', 'system:controller:bootstrap-signer'),
    // Our own beside them: who asks for names knows whom to ask.
    same('kube-system', 'drydock:dns-config'),
    ['kube-system', `system::${reader}`, reader],
    same('kube-system', 'system::leader-locking-kube-controller-manager'),
    same('kube-system', 'system::leader-locking-kube-scheduler'),
    same('kube-system', 'system:controller:bootstrap-signer'),
    same('kube-system', 'system:controller:cloud-provider'),
    same('kube-system', 'system:controller:token-cleaner'),
  ])
})

it('lets the roles of its own namespaces write events in both groups', () => {
  const rules = namespacedRbacObjects().flatMap((object) => (object['rules'] ?? []) as PolicyRule[])
  const events = rules.filter(({ resources }) => resources?.includes('events'))
  expect(events.map(({ apiGroups }) => apiGroups)).toEqual([
    ['', 'events.k8s.io'],
    ['', 'events.k8s.io'],
  ])
})

it('has every flow schema lead to a priority level that there is', async () => {
  const { registry } = await arrange()
  const transport = inProcessTransport(registry, admin)
  await bootstrap(transport, options)
  const listed = async (kind: string) =>
    (await registry.listEntries(at('flowcontrol.apiserver.k8s.io/v1', kind), {})).entries.map(({ object }) => object)
  const levels = (await listed('PriorityLevelConfiguration')).map(({ metadata }) => metadata.name)
  expect(levels).toEqual(expect.arrayContaining(['exempt', 'catch-all']))
  const schemas = await listed('FlowSchema')
  expect(schemas.map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(['exempt', 'catch-all']))
  for (const { spec } of schemas as Array<{ spec?: { priorityLevelConfiguration?: { name: string } } }>)
    expect(levels).toContain(spec?.priorityLevelConfiguration?.name)
})

it('gives Ingresses a class by default, unless the cluster has a default one or somebody has the name', async () => {
  const key = 'ingressclass.kubernetes.io/is-default-class'
  const classes = client.resource(refs.ingressClasses)
  const make = (name: string, annotations: Record<string, string>) =>
    classes.create({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name, annotations },
      spec: { controller: 'somebody.dev/else' },
    })
  await bootstrap(server, options)
  const made = await classes.get('nginx')
  expect([made.spec.controller, made.metadata.annotations]).toEqual(['drydock.dev/ingress-nginx', { [key]: 'true' }])
  await classes.delete('nginx')
  await make('traefik', { [key]: 'true' })
  await bootstrap(server, options)
  expect((await classes.get('nginx')).metadata.annotations).toBeUndefined()
  await classes.delete('nginx')
  await make('nginx', {})
  await bootstrap(server, options)
  expect((await classes.get('nginx')).spec.controller).toBe('somebody.dev/else')
})
