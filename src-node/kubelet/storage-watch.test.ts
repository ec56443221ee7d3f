import { expect, it, vi } from 'vitest'
import type { Pod, PodStatus } from '#types/core/v1'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { noDevices } from './devices/testing/no-devices.ts'
import type { Observed } from './plan/observed.ts'
import { defaultNodeSettings } from './plan/settings.ts'
import type { PodContext } from './pod-context.ts'
import { PodWorker } from './pod-worker.ts'
import { watchStorage } from './storage-watch.ts'

const pod = (sizeLimit?: string): Pod =>
  ({
    metadata: { name: 'p', namespace: 'd', uid: 'u' },
    spec: { containers: [{ name: 'c' }], volumes: [{ name: 'v', emptyDir: { sizeLimit } }] },
    status: { startTime: '2026-01-01T00:00:00Z' },
  }) as Pod

function arrange(one: Pod) {
  const clock = new FakeClock()
  const stop = new AbortController()
  const state = {
    bytes: 100,
    logs: 0,
    ran: [] as string[],
    evicted: [] as string[],
    logged: [] as string[],
    fails: false,
  }
  const worker = {
    pod: one,
    observed: [{ id: 'c-0', name: 'c', state: 'running' } as Observed],
    takesRoom: true,
    evict: ({ words }: { words: string }) => void state.evicted.push(words),
  }
  const options: Parameters<typeof watchStorage>[0] = {
    clock,
    signal: stop.signal,
    stateDirectory: '/state',
    logSize: () => Promise.resolve({ bytes: state.logs, inodes: 1 }),
    log: (words: string) => void state.logged.push(words),
    docker: partial({ getContainer: () => ({ inspect: () => Promise.resolve({ SizeRw: 1 }) }) }),
    host: partial({
      run(_command: string, args: readonly string[]) {
        state.ran.push(args.at(-1)!)
        const stdout = `${state.bytes}\t/state\n`
        return state.fails ? Promise.reject(new Error('no du')) : Promise.resolve({ stdout, stderr: '' })
      },
    }),
  }
  watchStorage(options, () => [worker])
  return { clock, stop, state, worker }
}

it('a pod that has grown over its limit is evicted at the next look', async () => {
  const { clock, state, stop } = arrange(pod('1k'))
  await clock.advance(10_000)
  expect([state.ran, state.evicted]).toEqual([['/state/pods/u/volumes/kubernetes.io~empty-dir/v'], []])
  state.bytes = 1_001
  await clock.advance(10_000)
  expect(state.evicted).toEqual(['Usage of EmptyDir volume "v" exceeds the limit "1k". '])
  stop.abort()
  await clock.advance(20_000)
  expect(clock.pending).toBe(0)
})

it('what a container has logged counts too', async () => {
  const one = pod()
  one.spec.containers[0]!.resources = { limits: { 'ephemeral-storage': '1k' } }
  const { clock, state } = arrange(one)
  await clock.advance(10_000)
  expect(state.evicted).toEqual([])
  state.logs = 1_000
  await clock.advance(10_000)
  expect(state.evicted).toEqual(['Pod ephemeral local storage usage exceeds the total limit of containers 1k. '])
})

it('what cannot be measured is told of and looked at again; what has no limit or has ended is not looked at', async () => {
  const { clock, state, worker } = arrange(pod('1k'))
  state.fails = true
  await clock.advance(20_000)
  expect(state.logged).toEqual(['local storage: no du', 'local storage: no du'])
  worker.takesRoom = false
  await clock.advance(10_000)
  expect(state.ran).toHaveLength(2)
  const free = arrange(pod())
  await free.clock.advance(10_000)
  expect(free.state.ran).toEqual([])
})

it('an evicted pod fails with its reason, a second after its containers were told', async () => {
  const statuses: PodStatus[] = []
  const stops: number[] = []
  const events: string[] = []
  const running = { id: 'c-0', name: 'c', podUid: 'u', attempt: 0, hash: '', state: 'running', ip: '' } as Observed
  const observed = [{ ...running, id: 'box', name: 'POD' }, running]
  const docker = {
    getContainer: () => ({
      stop({ t }: { t: number }) {
        stops.push(t)
        observed[1] = { ...running, state: 'exited', exitCode: 137 }
        return Promise.resolve()
      },
    }),
  }
  const context = partial<PodContext>({
    devices: noDevices,
    settings: defaultNodeSettings,
    engine: { docker, up: true, ofPod: () => observed, look: () => Promise.resolve() },
    volumes: { setUp: () => Promise.resolve(new Map()), update: () => Promise.resolve(), groupsOf: () => [] },
    prober: { start: () => undefined, stop: () => undefined, stopLiveness: () => undefined },
    resizable: () => undefined,
    networkReady: Promise.resolve({ bridge: '10.244.1.1/24', mtu: 1450 }),
    clock: new FakeClock(),
    sendStatus: (_pod: Pod, status: PodStatus) => Promise.resolve(Boolean(statuses.push(status))),
    event: (_about: unknown, type: string, reason: string) => void events.push(`${type} ${reason}`),
    log: () => undefined,
  })
  const worker = new PodWorker(pod('1k'), context)
  worker.evict({ words: 'too much' })
  worker.evict({ words: 'again' })
  await vi.waitFor(() =>
    expect(statuses.at(-1)).toMatchObject({ phase: 'Failed', reason: 'Evicted', message: 'too much' }),
  )
  // The least that a container gets.
  expect(stops).toEqual([2])
  expect(events).toEqual(['Warning Evicted', 'Normal Killing'])
  expect(statuses.at(-1)?.conditions?.find(({ type }) => type === 'DisruptionTarget')).toMatchObject({
    status: 'True',
    reason: 'TerminationByKubelet',
    message: 'too much',
  })
  expect(worker.takesRoom).toBe(false)
})
