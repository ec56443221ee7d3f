import { afterEach, describe, expect, it } from 'vitest'
import { refs } from '../../src-kube/client/refs.ts'
import { advance } from '../../src-kube/client/testing/advance.ts'
import { FakeTransport } from '../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { Host } from '../host/index.ts'
import type { DeviceAmounts } from './devices/plan/amounts.ts'
import { NodeReporter } from './node-status.ts'

const stops: AbortController[] = []
afterEach(() => stops.splice(0).forEach((stop) => stop.abort()))

async function arrange() {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const stop = new AbortController()
  stops.push(stop)
  const state = { problem: '', unsure: false, devices: new Map<string, DeviceAmounts>() }
  const told: string[] = []
  const host = partial<Host>({
    facts: () =>
      Promise.resolve({
        cpus: 2,
        memory: 8 * 2 ** 30,
        architecture: 'amd64',
        kernelVersion: '6.1',
        osImage: 'Debian',
        machineId: 'm',
        bootId: 'b',
      }),
    disk: () => Promise.resolve({ total: 100 * 2 ** 30, free: 50 * 2 ** 30 }),
  })
  const reporter = new NodeReporter({
    client: createClient(server),
    host,
    nodeName: 'n1',
    nodeIp: '172.28.0.11',
    clock,
    signal: stop.signal,
    problem: () => state.problem,
    unsure: () => state.unsure,
    pressures: () => new Set(),
    runtimeVersion: () => 'docker://26.1.5',
    images: () => Promise.resolve([]),
    devices: () => state.devices,
    recorder: { event: (_about, _type, reason) => void told.push(reason) },
    log: () => {},
  })
  reporter.start()
  await advance(clock, 100)
  // A lease can be made when the node is registered.
  await advance(clock, 2_000)
  const ready = () => server.peek(refs.nodes, 'n1')?.status?.conditions?.find(({ type }) => type === 'Ready')
  const renewed = () => Date.parse(server.peek(refs.leases, 'n1', 'kube-node-lease')!.spec!.renewTime!)
  return { clock, server, reporter, state, ready, renewed, told }
}

describe('a node tells', () => {
  it('of the devices of its plugins: all of them, and those that may be had', async () => {
    const { clock, server, state, reporter } = await arrange()
    const status = () => server.peek(refs.nodes, 'n1')?.status
    state.devices = new Map([['example.com/gpu', { capacity: 4, allocatable: 3 }]])
    reporter.now()
    await advance(clock, 10)
    expect(status()?.capacity).toMatchObject({ 'example.com/gpu': '4', pods: '110' })
    expect(status()?.allocatable).toMatchObject({ 'example.com/gpu': '3' })
    state.devices = new Map([['example.com/gpu', { capacity: 0, allocatable: 0 }]])
    await advance(clock, 10_000)
    expect(status()?.capacity).toMatchObject({ 'example.com/gpu': '0' })
    expect(status()?.allocatable).toMatchObject({ 'example.com/gpu': '0' })
  })

  it('of resources that somebody gave it what may be asked of them, until they go', async () => {
    const { clock, server } = await arrange()
    const nodes = createClient(server).resource(refs.nodes)
    const write = (capacity: object) =>
      nodes.patch({
        name: 'n1',
        type: 'application/merge-patch+json',
        subresource: 'status',
        body: { status: { capacity } },
      })
    const status = () => server.peek(refs.nodes, 'n1')?.status
    await write({ 'example.com/dongle': '4', 'kubernetes.io/batch': '1' })
    await advance(clock, 10_000)
    expect(status()?.allocatable).toMatchObject({ 'example.com/dongle': '4', pods: '110' })
    expect(status()?.allocatable).not.toHaveProperty('kubernetes.io/batch')
    await write({ 'example.com/dongle': '5' })
    await advance(clock, 10_000)
    expect(status()?.allocatable).toMatchObject({ 'example.com/dongle': '5' })
    await write({ 'example.com/dongle': null })
    await advance(clock, 10_000)
    expect(status()?.capacity).not.toHaveProperty('example.com/dongle')
    expect(status()?.allocatable).not.toHaveProperty('example.com/dongle')
  })

  it('that it is Ready, and renews its lease every ten seconds', async () => {
    const { clock, ready, renewed } = await arrange()
    expect(ready()).toMatchObject({
      status: 'True',
      reason: 'KubeletReady',
      message: 'kubelet is posting ready status',
    })
    const before = renewed()
    await advance(clock, 10_000)
    expect(renewed() - before).toBe(10_000)
  })

  it('that it lives as soon as the API can be reached again, not at the next renewal', async () => {
    const { clock, reporter, renewed } = await arrange()
    const before = renewed()
    await advance(clock, 3_000)
    reporter.alive()
    await advance(clock, 10)
    expect(renewed() - before).toBeGreaterThanOrEqual(3_000)
  })

  it('that its engine is down as soon as it knows, and when it is back', async () => {
    const { clock, reporter, state, ready } = await arrange()
    state.problem = 'container runtime is down'
    reporter.now()
    await advance(clock, 10)
    expect(ready()).toMatchObject({ status: 'False', reason: 'KubeletNotReady', message: 'container runtime is down' })
    state.problem = ''
    reporter.now()
    await advance(clock, 10)
    expect(ready()?.status).toBe('True')
  })

  it('nothing of a problem that an agent which replaces another is not sure of yet', async () => {
    const { clock, reporter, state, ready } = await arrange()
    Object.assign(state, { problem: 'container runtime is down', unsure: true })
    reporter.now()
    await advance(clock, 100)
    expect(ready()).toMatchObject({ status: 'True' })
    state.unsure = false
    reporter.now()
    await advance(clock, 100)
    expect(ready()).toMatchObject({ status: 'False' })
    state.unsure = true
    reporter.now()
    await advance(clock, 100)
    state.problem = ''
    reporter.now()
    await advance(clock, 100)
    expect(ready()).toMatchObject({ status: 'True' })
  })

  it('of its turns by events', async () => {
    const { clock, reporter, state, told } = await arrange()
    const first = ['Starting', 'NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID']
    expect(told).toEqual(first)
    for (const problem of ['container runtime is down', '']) {
      state.problem = problem
      reporter.now()
      await advance(clock, 10)
    }
    expect(told).toEqual([...first, 'NodeNotReady', 'NodeReady'])
  })

  it('that it takes no new pods any more', async () => {
    const { clock, server, told } = await arrange()
    server.put(refs.nodes, { ...server.peek(refs.nodes, 'n1')!, spec: { unschedulable: true } })
    await advance(clock, 20_000)
    expect(told.filter((reason) => reason === 'NodeNotSchedulable')).toHaveLength(1)
  })

  it('again what the cluster came to doubt', async () => {
    const { clock, server, ready } = await arrange()
    const node = server.peek(refs.nodes, 'n1')!
    const conditions = node.status!.conditions!.map((condition) => ({ ...condition, status: 'Unknown' }))
    server.put(refs.nodes, { ...node, status: { ...node.status, conditions } })
    expect(ready()?.status).toBe('Unknown')
    await advance(clock, 10_000)
    expect(ready()?.status).toBe('True')
  })
})
