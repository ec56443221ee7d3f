import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Pod, PodSpec, PodStatus } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { FakeTransport } from '../../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { draftMetadata } from '../../../src-kube/machinery/meta.ts'
import { CheckpointFile } from '../devices/checkpoint-file.ts'
import { Drivers } from './drivers.ts'
import { DriverHealth } from './health.ts'
import { ClaimManager } from './manager.ts'
import { fakeDriver, type FakeDriverOptions } from './testing/fake-driver.ts'

const DRIVER = 'gpu.example.com'
/** Sockets answer when they do, later on a busy machine. */
const soon = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000 })
let directory: string
const stops: Array<() => void> = []
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'claims-'))
})
afterEach(async () => {
  stops.splice(0).forEach((stop) => stop())
  await rm(directory, { recursive: true })
})

async function agent(server = new FakeTransport()) {
  const clock = new FakeClock()
  const [logged, registered]: [string[], string[]] = [[], []]
  const log = (words: string): void => void logged.push(words)
  const client = createClient(server)
  const { signal } = new AbortController()
  const touched: string[] = []
  const health = new DriverHealth({ clock, log, changed: (driver) => void touched.push(driver) })
  const drivers = new Drivers({
    health,
    client,
    nodeName: 'n1',
    clock,
    signal,
    log,
    registered: (name) => void registered.push(name),
  })
  const manager = new ClaimManager({ client, drivers, health, file: new CheckpointFile(join(directory, 'state')), log })
  await manager.load()
  stops.push(() => drivers.stop())
  const serve = async (options: FakeDriverOptions = {}, name = 'gpu.sock') => {
    const endpoint = join(directory, name)
    const driver = await fakeDriver(endpoint, options)
    stops.push(driver.stop)
    await drivers.register({
      name: DRIVER,
      endpoint,
      versions: [options.service ?? 'v1.DRAPlugin', 'v1alpha1.DRAResourceHealth'],
    })
    return { ...driver, endpoint }
  }
  return { touched, clock, server, drivers, manager, logged, registered, serve }
}

const podOf = (uid: string, spec: object, status: object = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: draftMetadata({ name: uid, namespace: 'default', uid }),
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec } as PodSpec,
  status: status as PodStatus,
})
const using = (name: string, uid: string, request?: string): Pod =>
  podOf(uid, {
    resourceClaims: [{ name: 'gpus', resourceClaimName: name }],
    containers: [
      { name: 'c', image: 'i', resources: { claims: [{ name: 'gpus', ...(request ? { request } : {}) }] } },
      { name: 'none', image: 'i' },
    ],
  })
const claim = (name: string, pods: readonly string[], more: object = {}) => ({
  metadata: { name, namespace: 'default', uid: `uid-${name}` },
  spec: {},
  status: {
    allocation: { devices: { results: [{ request: 'gpu', driver: DRIVER, pool: 'n1', device: 'gpu-0' }] } },
    reservedFor: pods.map((uid) => ({ resource: 'pods', name: uid, uid })),
  },
  ...more,
})

describe('a pod that uses claims', () => {
  it('has their devices readied once, and taken back when the last one that uses them has ended', async () => {
    const { server, manager, serve } = await agent()
    const { asked } = await serve()
    server.put(refs.resourceClaims, claim('shared', ['p', 'q']))
    const [p, q] = [using('shared', 'p'), using('shared', 'q', 'gpu')]
    await manager.prepare(p)
    await manager.prepare(p)
    await manager.prepare(q)
    expect(asked).toEqual(['+shared'])
    expect(manager.cdiDevicesFor(p, p.spec.containers[0]!)).toEqual(['example.com/gpu=0', 'example.com/gpu=common'])
    expect(manager.cdiDevicesFor(p, p.spec.containers[1]!)).toEqual([])
    await manager.unprepare(using('shared', 'p'))
    expect(asked).toEqual(['+shared'])
    await manager.unprepare(using('shared', 'q'))
    await manager.unprepare(using('shared', 'q'))
    expect(asked).toEqual(['+shared', '-shared'])
  })

  it('is given the devices of the requests that its containers name', async () => {
    const { server, manager, serve } = await agent()
    await serve({ service: 'v1beta1.DRAPlugin' })
    server.put(refs.resourceClaims, claim('one', ['p']))
    const pod = using('one', 'p', 'other')
    await manager.prepare(pod)
    expect(manager.cdiDevicesFor(pod, pod.spec.containers[0]!)).toEqual(['example.com/gpu=common'])
  })

  it('may use what the scheduler had made for its extended resources', async () => {
    const { server, manager, serve } = await agent()
    await serve()
    server.put(refs.resourceClaims, claim('extended', ['p']))
    const requestMappings = [{ containerName: 'c', resourceName: 'example.com/gpu', requestName: 'gpu' }]
    const status = { extendedResourceClaimStatus: { resourceClaimName: 'extended', requestMappings } }
    const pod = podOf('p', {}, status)
    await manager.prepare(pod)
    expect(manager.cdiDevicesFor(pod, pod.spec.containers[0]!)).toEqual(['example.com/gpu=0', 'example.com/gpu=common'])
  })

  it('tells how its devices are, as long as their driver does', async () => {
    const { server, manager, serve, touched, clock } = await agent()
    const { tell, stop } = await serve()
    server.put(refs.resourceClaims, claim('one', ['p']))
    const pod = using('one', 'p', 'gpu')
    await manager.prepare(pod)
    const statuses = () => manager.statusOf(pod, pod.spec.containers[0]!)
    const told = (...healths: string[]) => [
      {
        name: 'claim:gpus/gpu',
        resources: ['example.com/gpu=0', 'example.com/gpu=common'].map((resourceID, i) => ({
          resourceID,
          health: healths[i],
        })),
      },
    ]
    await soon(() => expect(statuses()).toEqual(told('Healthy', 'Unknown')))
    tell(2)
    await soon(() => expect(statuses()).toEqual(told('Unhealthy', 'Unknown')))
    expect(touched).toEqual([DRIVER, DRIVER])
    expect(manager.usersOf(DRIVER)).toEqual(new Set(['p']))
    await clock.advance(31_000)
    expect(statuses()).toEqual(told('Unknown', 'Unknown'))
    stop()
    await soon(() => expect(touched).toHaveLength(3))
    expect(manager.statusOf(pod, pod.spec.containers[1]!)).toEqual([])
  })

  it.each([
    ['of a claim that is not there', [], 'fetch ResourceClaim one: resourceclaims.resource.k8s.io "one" not found'],
    [
      'that it is not reserved for',
      [claim('one', ['q'])],
      'pod p (p) is not allowed to use ResourceClaim one (uid-one)',
    ],
    [
      'that has no devices yet',
      [claim('one', ['p'], { status: { reservedFor: [{ resource: 'pods', name: 'p', uid: 'p' }] } })],
      'ResourceClaim one: not allocated',
    ],
    ['whose driver is not here', [claim('one', ['p'])], `DRA driver ${DRIVER} is not registered`],
  ])('waits in upstream’s words for devices %s, and ends without a driver', async (_, claims, words) => {
    const { server, manager } = await agent()
    for (const one of claims) server.put(refs.resourceClaims, one)
    await expect(manager.prepare(using('one', 'p'))).rejects.toThrow(`prepare dynamic resources: ${words}`)
    await manager.unprepare(using('shared', 'p'))
  })

  it('waits for a driver that fails, and is taken back from it all the same', async () => {
    const { server, manager, serve } = await agent()
    const fails = new Map([
      ['uid-one', 'no power'],
      ['uid-two', 'skip'],
    ])
    const { asked } = await serve({ fails })
    for (const name of ['one', 'two']) server.put(refs.resourceClaims, claim(name, ['p']))
    await expect(manager.prepare(using('one', 'p'))).rejects.toThrow(
      'prepare dynamic resources: NodePrepareResources failed for ResourceClaim one: no power',
    )
    await expect(manager.prepare(using('two', 'p'))).rejects.toThrow('NodePrepareResources skipped 1 ResourceClaims')
    await expect(manager.unprepare(using('shared', 'p'))).rejects.toThrow(
      'unprepare dynamic resources: NodeUnprepareResources failed for ResourceClaim one: no power',
    )
    fails.clear()
    await manager.unprepare(using('shared', 'p'))
    expect(asked.slice(-2)).toEqual(['-one', '-two'])
    expect([...manager.claims]).toEqual([])
  })
})

it('an agent that starts anew has devices readied again, and takes back what only pods use that are gone', async () => {
  const first = await agent()
  await first.serve()
  for (const name of ['one', 'two']) first.server.put(refs.resourceClaims, claim(name, ['p', 'q']))
  await first.manager.prepare(using('one', 'p'))
  await first.manager.prepare(using('two', 'q'))
  const second = await agent(first.server)
  const { asked } = await second.serve({}, 'second.sock')
  const pod = using('one', 'p')
  expect(second.manager.cdiDevicesFor(pod, pod.spec.containers[0]!)).toContain('example.com/gpu=0')
  await second.manager.prepare(pod)
  await second.manager.reconcile(new Set(['p']))
  expect(asked).toEqual(['+one', '-two'])
})

describe('drivers', () => {
  const slice = (name: string, nodeName: string, driver = DRIVER) => ({
    metadata: { name },
    spec: { nodeName, driver },
  })

  it('have their slices removed when an agent starts, and half a minute after the last of them went', async () => {
    const { server, drivers, clock, serve } = await agent()
    const left = () => server.all(refs.resourceSlices).map(({ metadata }) => metadata.name)
    server.put(refs.resourceSlices, slice('old', 'n1'))
    server.put(refs.resourceSlices, slice('theirs', 'n2'))
    drivers.start()
    await soon(() => expect(left()).toEqual(['theirs']))
    const one = await serve()
    const two = await serve({}, 'newer.sock')
    server.put(refs.resourceSlices, slice('mine', 'n1'))
    server.put(refs.resourceSlices, slice('other', 'n1', 'nic.example.com'))
    await drivers.deregister({ name: DRIVER, endpoint: one.endpoint, versions: [] })
    await clock.advance(60_000)
    await drivers.deregister({ name: DRIVER, endpoint: two.endpoint, versions: [] })
    await clock.advance(29_000)
    await Promise.resolve()
    expect(left()).toEqual(['mine', 'other', 'theirs'])
    await clock.advance(2_000)
    await soon(() => expect(left()).toEqual(['other', 'theirs']))
  })

  it('that come back in time keep theirs', async () => {
    const { server, drivers, clock, serve } = await agent()
    const { endpoint } = await serve()
    server.put(refs.resourceSlices, slice('mine', 'n1'))
    await drivers.deregister({ name: DRIVER, endpoint, versions: [] })
    await serve({}, 'again.sock')
    await clock.advance(60_000)
    expect(server.calls.filter(({ verb }) => verb === 'deletecollection')).toEqual([])
  })

  it('of other versions are refused, and who waits is told of one that comes', async () => {
    const { drivers, registered, serve } = await agent()
    const plugin = { name: DRIVER, endpoint: '/x', versions: ['v1alpha4.DRAPlugin'] }
    await expect(drivers.register(plugin)).rejects.toThrow("v1alpha4.DRAPlugin don't contain any of v1.DRAPlugin")
    await serve()
    expect(registered).toEqual([DRIVER])
  })
})
