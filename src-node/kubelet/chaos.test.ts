import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { informerFactory } from '../../src-kube/client/informer-factory.ts'
import { refs } from '../../src-kube/client/refs.ts'
import { FakeTransport } from '../../src-kube/client/testing/fake-transport.ts'
import type { Transport } from '../../src-kube/client/transport.ts'
import { createClient } from '../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { FakeControlGroups } from '../host/testing/fake-control-groups.ts'
import { unlessMissing } from '../host/unless-missing.ts'
import type { Host } from '../host/index.ts'
import { startKubelet } from './index.ts'
import { FakeEngine, type Fate } from './testing/fake-engine.ts'
import { nodeOne } from './testing/node-one.ts'

const roots: string[] = []
const stops: AbortController[] = []
afterEach(() => stops.splice(0).forEach((stop) => stop.abort()))
afterAll(() => Promise.all(roots.map((root) => rm(root, { recursive: true, force: true }))))

/** Numbers from 0 to 1 that are the same each time (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** A node whose engine and agent may die at any time, between an API server and a disk that live on. */
class Node {
  readonly clock = new FakeClock()
  readonly server = new FakeTransport({ clock: this.clock })
  readonly kernel = new FakeControlGroups({ controllers: ['cpu', 'memory', 'pids'] })
  readonly logged: string[] = []
  readonly engine: FakeEngine
  readonly root: string
  #agent: AbortController | undefined

  constructor(root: string, fate: () => Fate) {
    this.root = root
    this.engine = new FakeEngine({ clock: this.clock, fate })
    this.kernel.files.set('/proc/self/mounts', '')
  }

  /** Nothing that the agent began is answered any more. */
  killAgent(): void {
    this.#agent?.abort()
  }

  startAgent(): void {
    const stop = new AbortController()
    stops.push(stop)
    this.#agent = stop
    const { signal } = stop
    const { clock, root } = this
    const isDead = () => signal.aborted
    const client = createClient(mortal(this.server, isDead))
    const informers = informerFactory({ client, clock, signal, onError: () => {} })
    startKubelet({
      client,
      clock: mortalClock(clock, isDead),
      signal,
      host: this.#host(),
      docker: this.engine.docker(isDead),
      ...nodeOne,
      stateDirectory: root,
      memoryDirectory: join(root, 'memory'),
      logDirectory: join(root, 'log'),
      services: informers.informer(refs.services),
      nodes: informers.informer(refs.nodes),
      log: (words) => void this.logged.push(words),
    })
  }

  #host(): Host {
    const machine = { cpus: 4, memory: 8 * 2 ** 30, architecture: 'amd64', machineId: 'm', bootId: 'b' }
    return {
      ...this.kernel.host(machine),
      facts: () => Promise.resolve(machine),
      disk: () => Promise.resolve({ total: 100, free: 50 }),
      run: () => Promise.resolve({ stdout: '[]', stderr: '' }),
    } as unknown as Host
  }

  /** Lets so many milliseconds pass, and what they bring about. */
  async pass(milliseconds: number): Promise<void> {
    for (let left = milliseconds; left > 0; left -= 250) {
      await this.clock.advance(250)
      await settled()
    }
  }

  /** What is there of which pods, by their uids. */
  async left(): Promise<Record<string, string[]>> {
    const listed = (...path: string[]) => unlessMissing(readdir(join(this.root, ...path))).then((names) => names ?? [])
    return {
      containers: [...this.engine.containers.values()].map(({ name }) => name),
      directories: await listed('pods'),
      memory: await listed('memory'),
      logs: [...(await listed('log', 'pods')), ...(await listed('log', 'containers'))],
      groups: this.kernel.directories().filter((path) => path.includes('/pod')),
      pods: this.server.all(refs.pods).map(({ metadata }) => metadata.name),
    }
  }
}

/** Until nobody waits for the disk any more, nor for what takes no time; the disk is real, and slower than the clock. */
async function settled(): Promise<void> {
  for (let quiet = 0; quiet < 12; quiet++) {
    await new Promise((resolve) => setImmediate(resolve))
    if (process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'))) quiet = 0
  }
}

const nothing = { containers: [], directories: [], memory: [], logs: [], groups: [], pods: [] }

/** The server as one agent has it. */
function mortal(server: Transport, isDead: () => boolean): Transport {
  const never = new Promise<never>(() => undefined)
  return {
    request: async (call) => {
      if (isDead()) return never
      try {
        const result = await server.request(call)
        return isDead() ? await never : result
      } catch (error) {
        if (isDead()) await never
        throw error
      }
    },
    watch: (call) => server.watch(call),
  }
}

/** Timers of a process that is gone do not go off. */
const mortalClock = (clock: FakeClock, isDead: () => boolean): FakeClock =>
  Object.assign(Object.create(clock) as FakeClock, {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after: (delay: number, callback: () => void) => clock.after(delay, () => (isDead() ? undefined : callback())),
  })

const podOf = (name: string, uid: string): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid },
    spec: {
      nodeName: 'n1',
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 2,
      containers: [
        { name: 'a', image: 'i', volumeMounts: [{ name: 'd', mountPath: '/d' }] },
        { name: 'b', image: 'i', volumeMounts: [{ name: 'e', mountPath: '/e' }] },
      ],
      volumes: [
        { name: 'd', downwardAPI: { items: [{ path: 'n', fieldRef: { fieldPath: 'metadata.name' } }] } },
        { name: 'e', emptyDir: {} },
      ],
    },
    status: { phase: 'Pending' },
  }) as unknown as Pod

/** A hundred things that happen to a node, in an order that the seed decides. */
async function live(node: Node, random: () => number): Promise<void> {
  const pods = refs.pods
  const client = createClient(node.server).resource(pods)
  let serial = 0
  const any = () => {
    const all = node.server.all(pods)
    return all[Math.floor(random() * all.length)]?.metadata
  }
  const gone = (work: Promise<unknown>) => work.catch(() => undefined)
  const make = (name: string): void => {
    node.server.remove(pods, name, 'default')
    node.server.put(pods, podOf(name, `u${serial++}`))
  }
  const happenings: Array<() => unknown> = [
    () => make(`p${serial % 7}`),
    () => make(`q${serial}`),
    () => gone(client.delete(any()?.name ?? 'none', 'default')),
    () => gone(client.delete(any()?.name ?? 'none', 'default', { gracePeriodSeconds: 0 })),
    () => node.server.remove(pods, any()?.name ?? 'none', 'default'),
    () => node.engine.exit(node.engine.running[Math.floor(random() * node.engine.running.length)]?.id ?? '', 1),
    () => node.server.breakWatches(pods, { compact: random() < 0.5 }),
    () => (node.engine.die(), node.pass(250 * Math.ceil(random() * 8)).then(() => node.engine.rise())),
    () => (node.killAgent(), node.pass(random() * 1_000).then(() => node.startAgent())),
  ]
  for (let i = 0; i < 100; i++) {
    await happenings[Math.floor(random() * happenings.length)]!()
    if (random() < 0.6) await node.pass(random() * 3_000)
  }
}

it.each([1, 2])('nothing of a pod that is gone stays on a node, whatever happened to it (%i)', async (seed) => {
  const root = await mkdtemp(join(tmpdir(), 'chaos-'))
  roots.push(root)
  const random = randomOf(seed)
  const state = { trouble: 0.06 }
  const fates: Fate[] = ['refused', 'unheard', 'unanswered']
  const node = new Node(root, () => (random() < state.trouble ? fates[Math.floor(random() * 3)]! : 'done'))
  node.startAgent()
  await node.pass(1_000)
  await live(node, random)
  // All pods go while the agent is away, and the next finds an engine that does half of what it is asked.
  node.killAgent()
  for (const { metadata } of node.server.all(refs.pods)) node.server.remove(refs.pods, metadata.name, 'default')
  state.trouble = 0.5
  node.startAgent()
  await node.pass(5_000)
  state.trouble = 0
  await node.pass(65_000)
  expect(await node.left()).toEqual(nothing)
})
