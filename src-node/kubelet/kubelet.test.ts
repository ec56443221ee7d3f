import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type Docker from 'dockerode'
import { afterAll, afterEach, expect, it, vi } from 'vitest'
import type { Pod, PodSpec } from '#types/core/v1'
import { informerFactory } from '../../src-kube/client/informer-factory.ts'
import { refs } from '../../src-kube/client/refs.ts'
import { advance } from '../../src-kube/client/testing/advance.ts'
import { FakeTransport } from '../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import type { Host } from '../host/index.ts'
import { startKubelet } from './index.ts'
import { nodeOne } from './testing/node-one.ts'

const root = await mkdtemp(join(tmpdir(), 'kubelet-'))
// Sockets of kubelets that have just ended may still be made.
afterAll(() => rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }))
const stops: AbortController[] = []
afterEach(() => stops.splice(0).forEach((stop) => stop.abort()))

/** What the engine has of a sandbox that an agent which died had just started. */
const halfMade = {
  Id: '0123456789abcdef',
  Created: '2026-01-01T00:00:00Z',
  Config: { Labels: { 'io.kubernetes.pod.uid': 'u', 'dev.drydock.sandbox.address': '10.244.1.9' } },
  State: { Running: true, Status: 'running', Pid: 7, Error: '', ExitCode: 0 },
  NetworkSettings: { Networks: {} },
}

/** A whole kubelet between an API server and an engine that has these containers; `frozen` engines never answer a ping. */
async function arrange(containers: Array<typeof halfMade> = []) {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const client = createClient(server)
  const stop = new AbortController()
  stops.push(stop)
  const { signal } = stop
  const state = { frozen: false, free: 50, logged: [] as string[], commands: [] as string[], killed: [] as string[] }
  const docker = {
    getEvents: () => Promise.resolve(new PassThrough()),
    listContainers: () => Promise.resolve(containers),
    getContainer: (id: string) => ({
      inspect: () => Promise.resolve(containers.find(({ Id }) => Id === id)),
      kill: () => Promise.resolve(state.killed.push(id)),
      remove: () => Promise.resolve(),
    }),
    listImages: () => Promise.resolve([]),
    version: () => Promise.resolve({ Version: '26.1.5' }),
    ping: ({ abortSignal }: { abortSignal: AbortSignal }) =>
      state.frozen
        ? new Promise((_, reject) => abortSignal.addEventListener('abort', () => reject(abortSignal.reason as Error)))
        : Promise.resolve('OK'),
  }
  const machine = { cpus: 2, memory: 8 * 2 ** 30, architecture: 'amd64', machineId: 'm', bootId: 'b' }
  const host = {
    facts: () => Promise.resolve(machine),
    disk: () => Promise.resolve({ total: 100, free: state.free }),
    run(command: string) {
      state.commands.push(command)
      return command === 'nsenter' ? Promise.reject(new Error('no such process')) : Promise.resolve({ stdout: '[]' })
    },
    readFile: (path: string) => Promise.reject(Object.assign(new Error(path), { code: 'ENOENT' })),
  } as unknown as Host
  const informers = informerFactory({ client, clock, signal, onError: (error) => state.logged.push(String(error)) })
  const kubelet = startKubelet({
    client,
    clock,
    signal,
    host,
    docker: docker as unknown as Docker,
    ...nodeOne,
    stateDirectory: root,
    memoryDirectory: '/nonexistent',
    logDirectory: root,
    services: informers.informer(refs.services),
    nodes: informers.informer(refs.nodes),
    log: (words) => void state.logged.push(words),
  })
  await advance(clock, 3_000)
  const ready = () => server.peek(refs.nodes, 'n1')?.status?.conditions?.find(({ type }) => type === 'Ready')
  return { clock, server, state, kubelet, ready }
}

const podOf = (name: string, spec: Partial<PodSpec> = {}): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: name },
    spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }], ...spec },
    status: { phase: 'Pending' },
  }) as Pod

it('a kubelet registers its node, and refuses what does not fit there', async () => {
  const { clock, server, ready, kubelet } = await arrange()
  expect(ready()).toMatchObject({ status: 'True', reason: 'KubeletReady' })
  server.put(refs.pods, podOf('lost', { nodeSelector: { disk: 'tape' } }))
  await advance(clock, 1_000)
  expect(server.peek(refs.pods, 'lost', 'default')?.status).toMatchObject({ phase: 'Failed', reason: 'NodeAffinity' })
  expect((await kubelet.streams.pods!()) as unknown).toMatchObject({ items: [{ metadata: { name: 'lost' } }] })
})

it('a kubelet has the directories that manifests of plugins take for granted', async () => {
  await arrange()
  const has = async (name: string): Promise<boolean> => (await stat(join(root, name))).isDirectory()
  await vi.waitFor(async () =>
    expect(await Promise.all(['plugins', 'plugins_registry', 'pods'].map(has))).toEqual([true, true, true]),
  )
})

it('a kubelet completes sandboxes that it finds half-made, and ends those for which it cannot', async () => {
  const { state } = await arrange([halfMade])
  expect(state.commands.slice(0, 2)).toEqual(['ip', 'nsenter'])
  expect(state.killed).toEqual([halfMade.Id])
})

it('a kubelet whose engine hangs says so on its node until it answers', async () => {
  const { clock, state, ready } = await arrange()
  state.frozen = true
  await advance(clock, 50_000)
  expect(ready()).toMatchObject({ status: 'False', reason: 'KubeletNotReady', message: 'container runtime is down' })
  state.frozen = false
  await advance(clock, 20_000)
  expect(ready()?.status).toBe('True')
})

it('a kubelet whose disk is nearly full says so on its node, and takes no pod', async () => {
  const { clock, server, state } = await arrange()
  const disk = () => server.peek(refs.nodes, 'n1')?.status?.conditions?.find(({ type }) => type === 'DiskPressure')
  state.free = 9
  await advance(clock, 20_000)
  expect(disk()).toMatchObject({ status: 'True', reason: 'KubeletHasDiskPressure' })
  server.put(refs.pods, podOf('late'))
  await advance(clock, 1_000)
  expect(server.peek(refs.pods, 'late', 'default')?.status).toMatchObject({ phase: 'Failed', reason: 'Evicted' })
  state.free = 50
  await advance(clock, 320_000)
  expect(disk()?.status).toBe('False')
})
