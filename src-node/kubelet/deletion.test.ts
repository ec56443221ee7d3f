import { expect, it, vi } from 'vitest'
import type { Pod, PodStatus } from '#types/core/v1'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { noDevices } from './devices/testing/no-devices.ts'
import type { Observed } from './plan/observed.ts'
import { defaultNodeSettings } from './plan/settings.ts'
import type { PodContext } from './pod-context.ts'
import { PodWorker } from './pod-worker.ts'
import { noGroups } from './runtime/testing/no-groups.ts'

const podOf = (metadata: object = {}) =>
  ({
    metadata: { name: 'p', namespace: 'ns', uid: 'u', ...metadata },
    spec: { containers: [{ name: 'c', image: 'i' }], terminationGracePeriodSeconds: 30 },
  }) as Pod
const deleted = (seconds: number) =>
  podOf({ deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: seconds })

const one = (name: string): Observed =>
  ({ id: name, name, podUid: 'u', attempt: 0, hash: '', state: 'running', ip: '' }) as Observed

/** A node that runs what it is given; stops take until `end`, pulls for ever. */
function nodeOf(...names: string[]) {
  const observed = names.map(one)
  const clock = new FakeClock()
  const asked: string[] = []
  const end = Promise.withResolvers<void>()
  const finished: string[] = []
  const statuses: PodStatus[] = []
  const unprobed: string[] = []
  const docker = {
    getContainer: (id: string) => ({
      stop({ t }: { t: number }) {
        asked.push(`stop ${id} ${t}`)
        return end.promise
      },
      kill() {
        asked.push(`kill ${id}`)
        end.resolve()
        return Promise.resolve()
      },
    }),
  }
  const context = partial<PodContext>({
    devices: noDevices,
    settings: defaultNodeSettings,
    engine: {
      docker,
      up: true,
      ofPod: () => observed,
      look: () => Promise.resolve(),
      remove: () => Promise.resolve(),
    },
    images: {
      ensure() {
        asked.push('pull')
        return new Promise(() => undefined)
      },
    },
    volumes: {
      setUp: () => Promise.resolve(new Map()),
      update: () => Promise.resolve(),
      tearDown: () => Promise.resolve(),
      groupsOf: () => [],
    },
    files: { remove: () => Promise.resolve() },
    groups: noGroups(),
    logs: { remove: () => Promise.resolve() },
    resizable: () => undefined,
    prober: {
      start: () => undefined,
      stop: (_uid: string, container = 'all') => void unprobed.push(container),
      stopLiveness: () => undefined,
    },
    runtimeHandler: () => Promise.resolve(undefined),
    services: () => [],
    networkReady: Promise.resolve({ bridge: '10.244.1.1/24', mtu: 1450 }),
    clock,
    admit: (_pod: Pod, admitted: () => void) => Promise.resolve(admitted()),
    sendStatus: (_pod: Pod, status: PodStatus) => Promise.resolve(Boolean(statuses.push(status))),
    deletePod: () => Promise.resolve(),
    finished: (uid: string) => finished.push(uid),
    event: () => undefined,
    log: (message: string) => asked.push(message),
  })
  return { context, clock, asked, end, finished, statuses, observed, unprobed }
}

it('a deleted pod does not wait for a pull', async () => {
  const { context, asked, finished } = nodeOf('POD')
  const worker = new PodWorker(podOf(), context)
  worker.kick()
  await vi.waitFor(() => expect(asked).toEqual(['pull']))
  worker.update(deleted(30))
  await vi.waitFor(() => expect(finished).toEqual(['u']))
})

it('a shorter grace period is kept to while a longer one runs', async () => {
  const { context, clock, asked, finished } = nodeOf('POD', 'c')
  const worker = new PodWorker(deleted(30), context)
  worker.kick()
  await vi.waitFor(() => expect(asked).toEqual(['stop c 30']))
  await clock.advance(3_000)
  worker.update(deleted(1))
  await clock.advance(999)
  expect(asked).toEqual(['stop c 30'])
  await clock.advance(1)
  await vi.waitFor(() => expect(finished).toEqual(['u']))
  expect(asked).toEqual(['stop c 30', 'kill c'])
})

it('a pod that ends still says whether it is ready', async () => {
  const { context, statuses, asked } = nodeOf('POD', 'c')
  const worker = new PodWorker(podOf(), context)
  const ready = () => statuses.at(-1)?.conditions?.find(({ type }) => type === 'Ready')?.status
  worker.kick()
  await vi.waitFor(() => expect(ready()).toBe('True'))
  worker.update(deleted(30))
  await vi.waitFor(() => expect(asked).toEqual(['stop c 30']))
  expect(ready()).toBe('True')
  worker.heard({ container: 'c', kind: 'readiness', ok: false })
  await vi.waitFor(() => expect(ready()).toBe('False'))
})

it('the control group of a deleted pod goes after its containers, and before the pod does', async () => {
  const { context, end, finished } = nodeOf('POD', 'c')
  const order: string[] = []
  const note = (what: string) => () => Promise.resolve(void order.push(what))
  context.engine.remove = note('container')
  context.groups.remove = note('group')
  context.deletePod = note('pod')
  end.resolve()
  new PodWorker(deleted(30), context).kick()
  await vi.waitFor(() => expect(finished).toEqual(['u']))
  expect(order).toEqual(['container', 'container', 'group', 'pod'])
})

it('what a pod claims is taken back before it is told to have ended, and again until that succeeds', async () => {
  const { context, observed, statuses, clock } = nodeOf('POD', 'c')
  let tries = 0
  const order: string[] = []
  const unprepare = () =>
    ++tries === 1 ? Promise.reject(new Error('no driver')) : Promise.resolve(void order.push('taken back'))
  context.devices = { ...noDevices, unprepare }
  context.sendStatus = (_pod, status) => Promise.resolve(Boolean(statuses.push(status) && order.push(status.phase!)))
  const pod = podOf()
  pod.spec = { ...pod.spec, restartPolicy: 'Never', resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }] }
  const worker = new PodWorker(pod, context)
  worker.kick()
  await vi.waitFor(() => expect(order).toEqual(['Running']))
  Object.assign(observed[1]!, { state: 'exited', exitCode: 0, startedAt: '2026-01-01T00:00:00Z' })
  worker.kick()
  await vi.waitFor(() => expect(tries).toBe(1))
  expect(order).toEqual(['Running'])
  await clock.advance(2_000)
  await vi.waitFor(() => expect(order).toEqual(['Running', 'taken back', 'Succeeded']))
})

it('the control group of a pod that has ended goes with its sandbox', async () => {
  const { context, end } = nodeOf('POD')
  const order: string[] = []
  context.groups.remove = () => Promise.resolve(void order.push('group'))
  end.resolve()
  const ended = podOf()
  new PodWorker({ ...ended, status: { ...ended.status, phase: 'Succeeded' } }, context).kick()
  await vi.waitFor(() => expect(order).toEqual(['group']))
})

it('a pod that has ended is no failure when its sandbox has stopped before the engine said so', async () => {
  const { context, asked, end, observed } = nodeOf('POD')
  const order: string[] = []
  context.groups.remove = () => Promise.resolve(void order.push('group'))
  context.engine.look = () => {
    if (asked.length > 0) observed[0] = { ...observed[0]!, state: 'exited' }
    return Promise.resolve(observed[0])
  }
  const pod = podOf()
  new PodWorker({ ...pod, status: { ...pod.status, phase: 'Succeeded' } }, context).kick()
  await vi.waitFor(() => expect(asked).toEqual(['stop POD 0']))
  end.reject(Object.assign(new Error('container already stopped'), { statusCode: 304 }))
  await vi.waitFor(() => expect(order).toEqual(['group']))
  expect(asked).toEqual(['stop POD 0'])
})

it('a container whose probe failed for good has the time that the probe says, else that of its pod', async () => {
  for (const [seconds, expected] of [
    [5, 'stop c 5'],
    [undefined, 'stop c 30'],
  ] as const) {
    const { context, asked } = nodeOf('POD', 'c')
    const pod = podOf()
    pod.spec.containers[0]!.livenessProbe = seconds ? { terminationGracePeriodSeconds: seconds } : {}
    const worker = new PodWorker(pod, context)
    void worker.killForProbe('c', 'liveness')
    await vi.waitFor(() => expect(asked).toEqual([expected]))
  }
})

it('of a pod that ends, a container that has ended is asked nothing any more', async () => {
  const { context, asked, observed, unprobed } = nodeOf('POD', 'c')
  const worker = new PodWorker(deleted(30), context)
  worker.kick()
  await vi.waitFor(() => expect(asked).toEqual(['stop c 30']))
  expect(unprobed).toEqual([])
  observed[1] = { ...observed[1]!, state: 'exited', exitCode: 0 }
  worker.kick()
  await vi.waitFor(() => expect(unprobed).toEqual(['c']))
})

const withSidecars = (): Pod => {
  const pod = deleted(30)
  const sidecar = (name: string) => ({
    name,
    restartPolicy: 'Always',
    lifecycle: { preStop: { sleep: { seconds: 5 } } },
  })
  return { ...pod, spec: { ...pod.spec, initContainers: ['s1', 's2'].map(sidecar) } } as Pod
}

it('sidecars run their hooks with the others, and end after them, the last one first', async () => {
  const { context, clock, asked, end, finished } = nodeOf('POD', 'c', 's1', 's2')
  new PodWorker(withSidecars(), context).kick()
  await vi.waitFor(() => expect(asked).toEqual(['stop c 30']))
  await clock.advance(5_000)
  expect(asked).toEqual(['stop c 30'])
  end.resolve()
  // Their hooks are over by then: five seconds of thirty are gone, once.
  await vi.waitFor(() => expect(asked).toEqual(['stop c 30', 'stop s2 25', 'stop s1 25']))
  await vi.waitFor(() => expect(finished).toEqual(['u']))
})

it('sidecars do not wait for others when the time is over', async () => {
  const { context, clock, asked } = nodeOf('POD', 'c', 's1', 's2')
  new PodWorker(withSidecars(), context).kick()
  await vi.waitFor(() => expect(asked).toEqual(['stop c 30']))
  await clock.advance(5_000)
  await clock.advance(25_000)
  await vi.waitFor(() => expect(asked).toEqual(['stop c 30', 'stop s2 2', 'stop s1 2']))
})

it('a deleted pod has failed when its container has, though it was to be started again', async () => {
  const { context, statuses, observed, asked, end, finished } = nodeOf('POD', 'c')
  new PodWorker(deleted(30), context).kick()
  await vi.waitFor(() => expect(asked).toEqual(['stop c 30']))
  expect(statuses.at(-1)).toMatchObject({ phase: 'Running' })
  observed[1] = { ...observed[1]!, state: 'exited', exitCode: 143, startedAt: '2026-01-01T00:00:00Z', error: '' }
  end.resolve()
  await vi.waitFor(() => expect(finished).toEqual(['u']))
  expect(statuses.at(-1)).toMatchObject({ phase: 'Failed' })
})

it('of a deleted pod whose containers are gone already, what was told of their ends stays', async () => {
  const { context, statuses, finished } = nodeOf()
  const pod = { ...deleted(0), status: { phase: 'Failed' } } as Pod
  new PodWorker(pod, context).kick()
  await vi.waitFor(() => expect(finished).toEqual(['u']))
  expect(statuses).toEqual([])
})
