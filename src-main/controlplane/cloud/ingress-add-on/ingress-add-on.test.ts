import { afterEach, beforeEach, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { advance, settle } from '../../../../src-kube/client/testing/advance.ts'
import type { FakeTransport } from '../../../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../../../src-kube/client/typed-client.ts'
import { INGRESS_CONTROLLER } from '../../../../src-kube/kinds/networking/ingress-controller.ts'
import type { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import { type Harness, harness } from '../../controllers/testing/harness.ts'
import { ingressAddOn } from './index.ts'

const key = ['ingress-nginx-controller', 'ingress-nginx'] as const
let h: Harness
let clock: FakeClock
let server: FakeTransport
beforeEach(async () => {
  h = harness([ingressAddOn()])
  ;({ clock, server } = h)
  await h.start()
})
afterEach(() => h.finish())

const classOf = (controller: string) =>
  server.put(refs.ingressClasses, { metadata: { name: 'nginx' }, spec: { controller } })
const ingress = (ingressClassName: string) =>
  server.put(refs.ingresses, { metadata: { name: ingressClassName, namespace: 'shop' }, spec: { ingressClassName } })
const client = () => createClient(server)
const deployments = () => server.all(refs.deployments)
const writes = () => server.calls.filter(({ verb }) => verb !== 'list').length

it('nothing is made while no Ingress is of the class', async () => {
  classOf(INGRESS_CONTROLLER)
  ingress('traefik')
  await settle()
  expect(writes()).toBe(0)
})

it('the first Ingress of the class brings the controller, with no more rights than it needs', async () => {
  classOf(INGRESS_CONTROLLER)
  ingress('nginx')
  await advance(clock, 100)
  expect(deployments()).toHaveLength(1)
  const service = server.all(refs.services)[0]!
  expect(service.spec).toMatchObject({ type: 'LoadBalancer', allocateLoadBalancerNodePorts: false })
  const { rules } = server.all(refs.clusterRoles)[0]!
  expect(rules?.filter(({ verbs }) => verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)))).toEqual([
    { apiGroups: ['networking.k8s.io'], resources: ['ingresses/status'], verbs: ['patch'] },
    { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
  ])
})

it('a class of another controller is served by that one', async () => {
  classOf('k8s.io/ingress-nginx')
  ingress('nginx')
  await settle()
  expect(writes()).toBe(0)
})

it('what is deleted comes back while an Ingress needs it, and what was edited stays', async () => {
  classOf(INGRESS_CONTROLLER)
  ingress('nginx')
  await advance(clock, 100)
  const [deployed] = deployments()
  await client()
    .resource(refs.deployments)
    .update({ ...deployed!, spec: { ...deployed!.spec, replicas: 0 } })
  await client()
    .resource(refs.services)
    .delete(...key)
  await advance(clock, 100)
  expect(server.all(refs.services)).toHaveLength(1)
  expect(deployments()[0]!.spec.replicas).toBe(0)
  await client()
    .resource(refs.deployments)
    .delete(...key)
  await advance(clock, 100)
  expect(deployments()[0]!.spec.replicas).toBe(1)
  await client().resource(refs.ingresses).delete('nginx', 'shop')
  await client()
    .resource(refs.deployments)
    .delete(...key)
  await advance(clock, 100)
  expect(deployments()).toHaveLength(0)
})

it('an older version of the add-on is brought up to date, but for what users alone have said', async () => {
  classOf(INGRESS_CONTROLLER)
  ingress('nginx')
  await advance(clock, 100)
  const [deployed] = deployments()
  const annotations = { 'drydock.dev/add-on-version': '0', mine: 'yes' }
  const spec = { ...deployed!.spec, revisionHistoryLimit: 1, paused: true }
  await client()
    .resource(refs.deployments)
    .update({ ...deployed!, metadata: { ...deployed!.metadata, annotations }, spec })
  await advance(clock, 100)
  const now = deployments()[0]!
  expect(now.metadata.annotations).toEqual({ 'drydock.dev/add-on-version': '1', mine: 'yes' })
  expect(now.spec).toMatchObject({ revisionHistoryLimit: 3, paused: true })
})

it('waits for a namespace that is on its way out', async () => {
  server.put(refs.namespaces, {
    metadata: { name: 'ingress-nginx', deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['drydock.dev/held'] },
  })
  classOf(INGRESS_CONTROLLER)
  ingress('nginx')
  await settle()
  expect(writes()).toBe(0)
  const [going] = server.all(refs.namespaces)
  await client()
    .resource(refs.namespaces)
    .update({ ...going!, metadata: { ...going!.metadata, finalizers: [] } })
  await advance(clock, 2_000)
  expect(deployments()).toHaveLength(1)
})
