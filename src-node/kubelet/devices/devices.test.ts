import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Pod, PodSpec } from '#types/core/v1'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { draftMetadata } from '../../../src-kube/machinery/meta.ts'
import { fakePlugin } from '../plugins/testing/fake-plugin.ts'
import { startPluginRegistry } from '../plugins/registry.ts'
import { DeviceInstruments } from './instruments.ts'
import { DeviceManager } from './manager.ts'
import { devicePluginHandler, serveRegistration } from './registration.ts'
import { fakeDevicePlugin, type FakeDevicePluginOptions } from './testing/fake-device-plugin.ts'

const GPU = 'example.com/gpu'
/** Sockets answer when they do, later on a busy machine. */
const soon = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000 })
let directory: string
const stops: Array<() => unknown> = []
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'devices-'))
})
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
  await rm(directory, { recursive: true })
})

/** A kubelet's part that gives devices away, as an agent starts it. */
async function agent() {
  const clock = new FakeClock()
  const active = new Set<string>()
  const [logged, touched]: [string[], string[][]] = [[], []]
  const instruments = new DeviceInstruments(clock)
  const manager = new DeviceManager({
    directory,
    clock,
    active: () => active,
    instruments,
    amountsChanged: () => undefined,
    healthChanged: (pods) => void touched.push([...pods]),
    log: (words) => void logged.push(words),
  })
  await manager.load()
  const server = await serveRegistration({ directory, plugins: manager, log: (words) => void logged.push(words) })
  const stop = (): Promise<void> => {
    server.stop()
    return manager.stop()
  }
  stops.push(stop)
  const amounts = () => manager.amounts().get(GPU)
  return { instruments, manager, clock, active, logged, touched, amounts, stop }
}

async function plugin(options: FakeDevicePluginOptions, { endpoint = 'gpu.sock', resource = GPU } = {}) {
  const made = await fakeDevicePlugin(join(directory, endpoint), options)
  stops.push(made.stop)
  await made.register(join(directory, 'kubelet.sock'), resource, endpoint)
  return made
}

const container = (name: string, gpus: number, more: object = {}) => ({
  name,
  image: 'i',
  resources: { limits: { [GPU]: String(gpus), cpu: '1' } },
  ...more,
})
const podOf = (uid: string, containers: object[], initContainers: object[] = []): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: draftMetadata({ name: uid, namespace: 'default', uid }),
  spec: { containers, initContainers } as PodSpec,
})
const four = { g0: true, g1: true, g2: true, g10: false }
const idsOf = (manager: DeviceManager, pod: string) =>
  Object.fromEntries(manager.assignments.filter((one) => one.pod === pod).map((one) => [one.container, one.ids]))

describe('the resources of a node', () => {
  it('follow what its plugin tells: unhealthy devices are there, but not to be had', async () => {
    const { amounts } = await agent()
    const gpus = await plugin({ devices: four })
    await soon(() => expect(amounts()).toEqual({ capacity: 4, allocatable: 3 }))
    gpus.tell({ g0: true })
    await soon(() => expect(amounts()).toEqual({ capacity: 1, allocatable: 1 }))
  })

  it('are none at once when the plugin goes, and no more after five minutes', async () => {
    const { amounts, clock } = await agent()
    const gpus = await plugin({ devices: four })
    await soon(() => expect(amounts()?.capacity).toBe(4))
    gpus.stop()
    await soon(() => expect(amounts()).toEqual({ capacity: 4, allocatable: 0 }))
    await clock.advance(299_000)
    expect(amounts()?.capacity).toBe(4)
    await clock.advance(2_000)
    expect(amounts()).toEqual({ capacity: 0, allocatable: 0 })
    await plugin({ devices: { g0: true } })
    await soon(() => expect(amounts()?.allocatable).toBe(1))
  })

  it('are offered anew by a plugin that comes in place of another', async () => {
    const { amounts, manager } = await agent()
    const old = await plugin({ devices: four })
    await soon(() => expect(amounts()?.capacity).toBe(4))
    await plugin({ devices: { a: true, b: true } }, { endpoint: 'newer.sock' })
    await soon(() => expect(amounts()).toEqual({ capacity: 2, allocatable: 2 }))
    old.stop()
    await manager.allocate(podOf('p', [container('c', 2)]))
    expect(amounts()).toEqual({ capacity: 2, allocatable: 2 })
  })

  it('have names of a domain, and plugins of the one version that there is', async () => {
    await agent()
    const gpus = await plugin({ devices: four })
    const kubelet = join(directory, 'kubelet.sock')
    await expect(gpus.register(kubelet, 'cpu', 'gpu.sock')).rejects.toThrow(
      'rpc error: code = Unknown desc = the ResourceName "cpu" is invalid',
    )
    await expect(gpus.register(kubelet, GPU, 'gpu.sock', 'v9')).rejects.toThrow(
      'requested API version "v9" is not supported by kubelet',
    )
  })

  it('may come from a plugin that introduces itself where all do', async () => {
    const { manager, amounts, clock, logged } = await agent()
    const registry = join(directory, 'registry')
    const over = new AbortController()
    stops.push(() => over.abort())
    const handlers = { DevicePlugin: devicePluginHandler(manager) }
    const log = (words: string): void => void logged.push(words)
    await startPluginRegistry({ directory: registry, handlers, clock, signal: over.signal, log })
    const endpoint = join(directory, 'elsewhere.sock')
    const gpus = await fakeDevicePlugin(endpoint, { devices: four })
    const introduced = await fakePlugin(registry, { type: 'DevicePlugin', name: GPU, endpoint, versions: ['v1beta1'] })
    stops.push(gpus.stop, introduced.stop)
    await soon(() => expect(amounts()?.capacity).toBe(4))
    introduced.stop()
    await rm(introduced.path, { force: true })
    await soon(() => expect(amounts()?.allocatable).toBe(0))
  })
})

describe('a container', () => {
  it('is given healthy devices that nobody has, with what it must have to use them', async () => {
    const { manager, active, amounts } = await agent()
    const answer = (ids: readonly string[]) => ({
      envs: { GPUS: ids.join() },
      mounts: [{ hostPath: '/lib/gpu', containerPath: '/usr/lib/gpu', readOnly: true }],
      devices: ids.map((id) => ({ hostPath: `/dev/${id}`, containerPath: `/dev/${id}`, permissions: 'rw' })),
      annotations: { a: 'b' },
      cdiDevices: [{ name: 'example.com/gpu=all' }],
    })
    await plugin({ devices: four, answer })
    await soon(() => expect(amounts()?.allocatable).toBe(3))
    const pod = podOf('p', [container('a', 1), container('b', 1), container('none', 0)])
    await manager.allocate(pod)
    active.add('p')
    expect(idsOf(manager, 'p')).toEqual({ a: ['g0'], b: ['g1'] })
    expect(await manager.grantFor(pod, pod.spec.containers[1]!)).toEqual({
      env: { GPUS: 'g1' },
      mounts: [{ source: '/lib/gpu', target: '/usr/lib/gpu', readOnly: true }],
      devices: [{ PathOnHost: '/dev/g1', PathInContainer: '/dev/g1', CgroupPermissions: 'rw' }],
      annotations: { a: 'b' },
      cdiDevices: ['example.com/gpu=all'],
    })
    expect(await manager.grantFor(pod, pod.spec.containers[2]!)).toBeUndefined()
    await expect(manager.allocate(podOf('q', [container('c', 2)]))).rejects.toThrow(
      `requested number of devices unavailable for ${GPU}. Requested: 2, Available: 1`,
    )
    expect(idsOf(manager, 'q')).toEqual({})
  })

  it('takes what the init containers of its pod leave; sidecars leave nothing', async () => {
    const { manager, amounts } = await agent()
    await plugin({ devices: { g0: true, g1: true, g2: true } })
    await soon(() => expect(amounts()?.allocatable).toBe(3))
    const inits = [container('side', 1, { restartPolicy: 'Always' }), container('init', 2)]
    await manager.allocate(podOf('p', [container('a', 1), container('b', 1)], inits))
    expect(idsOf(manager, 'p')).toEqual({ side: ['g0'], init: ['g1', 'g2'], a: ['g1'], b: ['g2'] })
  })

  it('is given what its plugin prefers, which is told before each start', async () => {
    const { manager, active, amounts } = await agent()
    const gpus = await plugin({ devices: { g0: true, g1: true, g2: true }, asks: true })
    await soon(() => expect(amounts()?.allocatable).toBe(3))
    const pod = podOf('p', [container('c', 2)])
    await manager.allocate(pod)
    active.add('p')
    expect(idsOf(manager, 'p')).toEqual({ c: ['g2', 'g1'] })
    await manager.grantFor(pod, pod.spec.containers[0]!)
    await manager.grantFor(pod, pod.spec.containers[0]!)
    expect(gpus.started).toEqual([
      ['g2', 'g1'],
      ['g2', 'g1'],
    ])
    expect(gpus.allocated).toEqual([['g2', 'g1']])
  })

  it('has nothing when its plugin refuses, in the words of that', async () => {
    const { manager, amounts } = await agent()
    await plugin({
      devices: four,
      answer() {
        throw new Error('too hot')
      },
    })
    await soon(() => expect(amounts()?.allocatable).toBe(3))
    await expect(manager.allocate(podOf('p', [container('c', 1)]))).rejects.toThrow(
      'rpc error: code = Unknown desc = too hot',
    )
    expect(manager.assignments).toEqual([])
  })

  it('is counted, with how long its plugin took', async () => {
    const { manager, instruments, amounts } = await agent()
    await plugin({ devices: { g0: true } })
    await soon(() => expect(amounts()?.allocatable).toBe(1))
    await manager.allocate(podOf('p', [container('c', 1)]))
    const refused = Promise.reject(new Error('no driver'))
    await expect(instruments.operation('PrepareResources', refused)).rejects.toThrow('no driver')
    const claim = { uid: 'u', name: 'n', namespace: 'ns', pods: ['p'], drivers: { 'nic.example.com': [] } }
    const samples = instruments.metrics([claim]).flatMap((metric) => metric.samples.map(({ labels }) => labels))
    expect(samples).toEqual(
      expect.arrayContaining([
        { resource_name: GPU },
        { operation_name: 'PrepareResources', is_error: 'true' },
        { driver_name: 'nic.example.com' },
      ]),
    )
  })

  it('leaves its devices to others once its pod uses nothing more', async () => {
    const { manager, active, amounts } = await agent()
    await plugin({ devices: { g0: true } })
    await soon(() => expect(amounts()?.allocatable).toBe(1))
    await manager.allocate(podOf('p', [container('c', 1)]))
    active.add('p')
    manager.decided('p', 'taken')
    await expect(manager.allocate(podOf('q', [container('c', 1)]))).rejects.toThrow('Available: 0')
    active.delete('p')
    await manager.allocate(podOf('q', [container('c', 1)]))
    expect(idsOf(manager, 'q')).toEqual({ c: ['g0'] })
    manager.decided('q', 'refused')
    expect(idsOf(manager, 'q')).toEqual({})
  })

  it('is told how its devices are when that changes', async () => {
    const { manager, active, amounts, touched } = await agent()
    const gpus = await plugin({ devices: { g0: true, g1: true } })
    await soon(() => expect(amounts()?.allocatable).toBe(2))
    await manager.allocate(podOf('p', [container('c', 2)]))
    active.add('p')
    touched.length = 0
    gpus.tell({ g0: true, g1: true })
    gpus.tell({ g0: false })
    await soon(() => expect(touched).toEqual([['p']]))
    expect(manager.statusOf('p', 'c')).toEqual([
      {
        name: GPU,
        resources: [
          { resourceID: 'g0', health: 'Unhealthy' },
          { resourceID: 'g1', health: 'Unknown' },
        ],
      },
    ])
    expect(manager.statusOf('p', 'other')).toBeUndefined()
  })
})

describe('an agent that starts anew', () => {
  it('knows who has what, and that plugins are to register again', async () => {
    const first = await agent()
    const gpus = await plugin({ devices: { g0: true, g1: true }, answer: () => ({ envs: { A: 'b' } }) })
    await soon(() => expect(first.amounts()?.allocatable).toBe(2))
    const pod = podOf('p', [container('c', 1)])
    await first.manager.allocate(pod)
    await first.stop()
    const second = await agent()
    second.active.add('p')
    expect(existsSync(join(directory, 'gpu.sock'))).toBe(false)
    expect(second.amounts()).toEqual({ capacity: 0, allocatable: 0 })
    await expect(second.manager.allocate(podOf('q', [container('c', 1)]))).rejects.toThrow(
      `no healthy devices present; cannot allocate unhealthy devices ${GPU}`,
    )
    expect((await second.manager.grantFor(pod, pod.spec.containers[0]!))?.env).toEqual({ A: 'b' })
    gpus.stop()
    await plugin({ devices: { g0: true, g1: true } })
    await soon(() => expect(second.amounts()?.allocatable).toBe(2))
    await second.manager.allocate(podOf('q', [container('c', 1)]))
    expect([idsOf(second.manager, 'p'), idsOf(second.manager, 'q')]).toEqual([{ c: ['g0'] }, { c: ['g1'] }])
  })

  it('leaves a file of upstream’s form, and tells of one that is broken', async () => {
    const first = await agent()
    await plugin({ devices: { g0: true } })
    await soon(() => expect(first.amounts()?.allocatable).toBe(1))
    await first.manager.allocate(podOf('p', [container('c', 1)]))
    const file = join(directory, 'kubelet_internal_checkpoint')
    const { Data } = JSON.parse(await readFile(file, 'utf8')) as { Data: object }
    expect(Data).toMatchObject({
      PodDeviceEntries: [{ PodUID: 'p', ContainerName: 'c', ResourceName: GPU, DeviceIDs: { '-1': ['g0'] } }],
      RegisteredDevices: { [GPU]: ['g0'] },
    })
    await writeFile(file, JSON.stringify({ Data, Checksum: 1 }))
    const second = await agent()
    expect(second.manager.assignments).toEqual([])
    expect(second.logged).toEqual(['devices: kubelet_internal_checkpoint: Error: checkpoint is corrupted'])
  })
})
