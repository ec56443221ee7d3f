import { describe, expect, it } from 'vitest'
import type { Container, Node, Pod, ResourceRequirements } from '#types/core/v1'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { refs } from '../../src-kube/client/refs.ts'
import { FakeTransport } from '../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../src-kube/client/typed-client.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { createResizeJudge } from './admission.ts'
import type { ResizeRefusal } from './plan/admission.ts'
import type { Observed } from './plan/observed.ts'
import { podStatus } from './plan/status.ts'
import type { ControlGroupUsage } from '../host/index.ts'
import { FakeControlGroups } from '../host/testing/fake-control-groups.ts'
import type { PodContext } from './pod-context.ts'
import { PodResize } from './pod-resize.ts'
import { sendStatus } from './pod-writes.ts'
import type { Engine } from './runtime/engine.ts'
import { PodGroups } from './runtime/pod-groups.ts'
import { resizeOf } from './runtime/resize.ts'
import { resourceOptions } from './runtime/resources.ts'

const MIB = 2 ** 20
const resources = (cpu: string, memory = '64Mi'): ResourceRequirements => ({
  requests: { cpu, memory },
  limits: { cpu, memory },
})
const container = (cpu: string, memory?: string, more: Partial<Container> = {}): Container => ({
  name: 'c',
  image: 'i',
  resources: resources(cpu, memory),
  ...more,
})
const pod = (one: Container, status: object = {}): Pod =>
  ({ metadata: { name: 'p', namespace: 'd', uid: 'u' }, spec: { containers: [one] }, status }) as Pod

/** A container that runs as it was made. */
const made = (one: Container, id = 'c-0'): Observed =>
  ({
    id,
    name: 'c',
    attempt: 0,
    hash: '',
    group: `/kubepods/podu/${id}`,
    state: 'running',
    resources: JSON.stringify(resourceOptions(one)),
  }) as Observed

describe('a container that runs', () => {
  const given = JSON.stringify(resourceOptions(container('1')))

  it('is changed as it runs where its resources differ', () => {
    expect(resizeOf(container('1'), given)).toBeUndefined()
    expect(resizeOf(container('1000m', '65536Ki'), given)).toBeUndefined()
    expect(resizeOf(container('2', '128Mi'), given)).toEqual({
      CpuShares: 2048,
      CpuPeriod: 100_000,
      CpuQuota: 200_000,
      Memory: 128 * MIB,
      MemorySwap: 128 * MIB,
    })
  })

  it('is started anew where its policy for that resource says so', () => {
    const resizePolicy = [
      { resourceName: 'memory', restartPolicy: 'RestartContainer' },
      { resourceName: 'cpu', restartPolicy: 'NotRequired' },
    ]
    expect(resizeOf(container('1', '128Mi', { resizePolicy }), given)).toBe('restart')
    expect(resizeOf(container('2', '64Mi', { resizePolicy }), given)).toMatchObject({ CpuQuota: 200_000 })
  })
})

describe('a pod that is resized', () => {
  function arrange(first: Pod) {
    const clock = new FakeClock()
    const updates: Array<[string, object]> = []
    const state: { refusal: ResizeRefusal | undefined; error: Error | undefined; used: number } = {
      refusal: undefined,
      error: undefined,
      used: 0,
    }
    const docker = {
      getContainer: (id: string) => ({
        update(options: object) {
          updates.push([id, options])
          return state.error ? Promise.reject(state.error) : Promise.resolve()
        },
      }),
    }
    const engine = partial<Engine>({ docker })
    const usageOf = () => Promise.resolve({ memory: state.used, inactiveFiles: MIB } as ControlGroupUsage)
    const told: string[] = []
    const event: PodContext['event'] = (_about, type, reason) => void told.push(`${type} ${reason}`)
    const files = new FakeControlGroups({ trees: ['cpu', 'memory'] })
    const host = files.host({ cpus: 2, memory: 8 * 2 ** 30 })
    const { signal } = new AbortController()
    const groups = new PodGroups({ host, clock, signal, taking: () => [first], log: (words) => told.push(words) })
    const resize = new PodResize({ engine, clock, event, resizable: () => state.refusal, usageOf, groups }, first)
    return { clock, updates, state, resize, told, files, groups }
  }
  const cpuOf = ({ spec }: Pod) => spec.containers[0]?.resources?.requests?.['cpu']

  it('is given what there is room for, once', async () => {
    const { resize, updates } = arrange(pod(container('1')))
    const running = [{ container: container('2'), observed: made(container('1')) }]
    expect(cpuOf(resize.allocate(pod(container('2'))))).toBe('2')
    expect(await resize.apply(running)).toEqual([])
    await resize.apply(running)
    expect(updates).toEqual([['c-0', resourceOptions(container('2'))]])
    expect([resize.retry, resize.conditions]).toEqual([undefined, []])
  })

  it('goes on with what it has until there is room, and says that it waits', async () => {
    const { clock, resize, state } = arrange(pod(container('1')))
    state.refusal = { reason: 'Deferred', message: 'full' }
    expect(cpuOf(resize.allocate(pod(container('2'))))).toBe('1')
    expect(resize.conditions).toEqual([
      { type: 'PodResizePending', status: 'True', reason: 'Deferred', message: 'full' },
    ])
    expect(resize.retry).toBe(10_000)
    const since = clock.now()
    expect(resize.waiting).toEqual({ pod: pod(container('2')), since })
    await clock.advance(500)
    resize.allocate()
    expect(resize.waiting?.since).toBe(since)
    state.refusal = undefined
    expect(cpuOf(resize.allocate())).toBe('2')
    expect(resize.waiting).toBeUndefined()
    expect([resize.retry, resize.conditions]).toEqual([undefined, [{ type: 'PodResizeInProgress', status: 'True' }]])
  })

  it('gives its containers of what it has as a whole, once there is room for that', async () => {
    const whole = (cpu: string): Pod => {
      const one = pod({ name: 'c', image: 'i' })
      one.spec.resources = { limits: { cpu } }
      return one
    }
    const { resize, updates, state } = arrange(whole('1'))
    const plain: Container = { name: 'c', image: 'i' }
    const given = JSON.stringify(resourceOptions(plain, { limits: { cpu: '1' } }))
    const running = [{ container: plain, observed: { ...made(plain), resources: given } }]
    state.refusal = { reason: 'Deferred', message: 'full' }
    expect(resize.allocate(whole('2')).spec.resources).toEqual({ limits: { cpu: '1' } })
    await resize.apply(running)
    expect(updates).toEqual([])
    state.refusal = undefined
    expect(resize.allocate().spec.resources).toEqual({ limits: { cpu: '2' } })
    await resize.apply(running)
    expect(updates).toEqual([['c-0', resourceOptions(plain, { limits: { cpu: '2' } })]])
  })

  it('that waited before the agent was started anew has what its status says', () => {
    const conditions = [{ type: 'PodResizePending', status: 'True' }]
    const status = { conditions, containerStatuses: [{ name: 'c', resources: resources('1') }] }
    const waiting = pod(container('2'), status)
    const { resize, state } = arrange(waiting)
    state.refusal = { reason: 'Infeasible', message: 'never' }
    expect(cpuOf(resize.allocate(waiting))).toBe('1')
  })

  it('tells of each turn by an event, once', async () => {
    const { resize, state, told } = arrange(pod(container('1')))
    state.refusal = { reason: 'Deferred', message: 'full' }
    resize.allocate(pod(container('2')))
    resize.allocate()
    state.refusal = { reason: 'Deferred', message: 'fuller' }
    resize.allocate()
    expect(told.splice(0)).toEqual(['Warning ResizeDeferred', 'Warning ResizeDeferred'])
    state.refusal = undefined
    resize.allocate()
    expect(resize.conditions).toEqual([{ type: 'PodResizeInProgress', status: 'True' }])
    const running = [{ container: container('2'), observed: made(container('1')) }]
    await resize.apply(running)
    await resize.apply(running)
    expect(told).toEqual(['Normal ResizeStarted', 'Normal ResizeCompleted'])
    expect(resize.conditions).toEqual([])
  })

  it('is under way until a container that is started anew runs with what it was given', async () => {
    const { resize, told } = arrange(pod(container('1')))
    const wanted = container('2', '64Mi', {
      resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }],
    })
    resize.allocate(pod(wanted))
    await resize.apply([{ container: wanted, observed: made(container('1')) }])
    await resize.apply([])
    expect(told).toEqual(['Normal ResizeStarted'])
    await resize.apply([{ container: wanted, observed: made(wanted, 'c-1') }])
    expect(told.at(-1)).toBe('Normal ResizeCompleted')
  })

  it('is not given less memory than it uses, until it uses less', async () => {
    const { resize, state, told, clock, updates } = arrange(pod(container('1')))
    const running = [{ container: container('1', '32Mi'), observed: made(container('1')) }]
    state.used = 34 * MIB
    await resize.apply(running)
    await clock.advance(10_000)
    await resize.apply(running)
    expect([updates, told]).toEqual([[], ['Warning ResizeError']])
    expect(resize.conditions[0]?.message).toBe(
      'cannot decrease memory limits: attempting to set container "c" memory limit (33554432) below current usage (34603008)',
    )
    state.used = 33 * MIB
    await clock.advance(10_000)
    await resize.apply(running)
    expect([updates.length, resize.conditions]).toEqual([1, []])
  })

  it('is not given less memory than it uses either where the engine would be asked for more than that', async () => {
    const { resize, updates, state } = arrange(pod(container('1')))
    state.used = MIB + 4096
    await resize.apply([{ container: container('1', '2Ki'), observed: made(container('1')) }])
    expect([updates, resize.conditions[0]?.message]).toEqual([
      [],
      expect.stringContaining('memory limit (2048) below current usage (4096)'),
    ])
  })

  it('is given nothing of what would leave it, or any of its containers, with less memory than it uses', async () => {
    const { resize, state, groups, updates, files } = arrange(pod(container('1')))
    await groups.settled(pod(container('1')))
    files.written.length = 0
    const less = container('2', '32Mi')
    resize.allocate(pod(less))
    state.used = 34 * MIB
    await resize.apply([{ container: less, observed: made(container('1')) }])
    expect([updates, files.written]).toEqual([[], []])
    expect(resize.conditions).toMatchObject([
      {
        reason: 'Error',
        message:
          'cannot decrease memory limits: [attempting to set pod memory limit (33554432) below current usage (34603008), attempting to set container "c" memory limit (33554432) below current usage (34603008)]',
      },
    ])
    expect([...resize.unfinished]).toContain('c')
  })

  it('has more as a whole before its containers do, and less after them', async () => {
    const { resize, groups, updates, files } = arrange(pod(container('1')))
    await groups.settled(pod(container('1')))
    const order = async (from: Container, to: Container): Promise<string[]> => {
      files.written.length = 0
      updates.length = 0
      resize.allocate(pod(to))
      const before = files.written.length
      const running = [{ container: to, observed: made(from) }]
      const seen: string[] = []
      const push = updates.push.bind(updates)
      updates.push = (...items) => {
        seen.push(...files.written.splice(0), 'container')
        return push(...items)
      }
      await resize.apply(running)
      updates.push = push
      expect(before).toBe(0)
      return [...seen, ...files.written].map((line) => line.replace(/^.*\//, ''))
    }
    expect(await order(container('1'), container('2', '128Mi'))).toEqual([
      'cpu.shares 2048',
      'cpu.cfs_quota_us 200000',
      `memory.limit_in_bytes ${128 * MIB}`,
      'container',
    ])
    expect(await order(container('2', '128Mi'), container('500m', '32Mi'))).toEqual([
      'container',
      'cpu.shares 512',
      'cpu.cfs_quota_us 50000',
      `memory.limit_in_bytes ${32 * MIB}`,
    ])
  })

  it('goes on as a whole as it was while a container has yet to start anew with less', async () => {
    const resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }]
    const { resize, groups, files } = arrange(pod(container('1')))
    await groups.settled(pod(container('1')))
    files.written.length = 0
    const less = container('500m', '64Mi', { resizePolicy })
    resize.allocate(pod(less))
    expect(await resize.apply([{ container: less, observed: made(container('1')) }])).toHaveLength(1)
    expect(files.written).toEqual([])
    // Its start does that.
    await groups.settled(pod(less))
    expect(files.written.at(-1)).toContain('cpu.cfs_quota_us 50000')
  })

  it('that an earlier agent limited has its limits written anew, those of processors out of the way before', async () => {
    const { resize, files } = arrange(pod(container('1')))
    await files.makeDirectory('/sys/fs/cgroup/cpu/kubepods/besteffort/podu')
    await resize.apply([{ container: container('1'), observed: made(container('1')) }])
    const quotas = files.written.filter((line) => line.includes('cfs_quota'))
    expect(quotas.map((line) => line.split(' ')[1])).toEqual(['-1', '100000'])
    files.written.length = 0
    await resize.apply([{ container: container('1'), observed: made(container('1')) }])
    expect(files.written).toEqual([])
  })

  it('says what the kernel does not do', async () => {
    const { resize, files } = arrange(pod(container('1')))
    files.refuse('memory.limit_in_bytes')
    await resize.apply([{ container: container('1'), observed: made(container('1')) }])
    expect(resize.conditions[0]?.message).toContain('EINVAL')
    expect(resize.retry).toBe(10_000)
  })

  it('tells of the same failure once', async () => {
    const { resize, state, told, clock } = arrange(pod(container('1')))
    const running = [{ container: container('1', '8Mi'), observed: made(container('1')) }]
    state.error = Object.assign(new Error('busy'), { statusCode: 500 })
    await resize.apply(running)
    await clock.advance(10_000)
    await resize.apply(running)
    expect(told).toEqual(['Warning ResizeError'])
  })

  it('says what the engine does not do, and tries it again later', async () => {
    const { resize, state, clock, updates } = arrange(pod(container('1')))
    const running = [{ container: container('1', '8Mi'), observed: made(container('1')) }]
    state.error = Object.assign(new Error('(HTTP code 500) server error - memory is in use '), { statusCode: 500 })
    await resize.apply(running)
    await resize.apply(running)
    expect(updates).toHaveLength(1)
    expect(resize.conditions).toEqual([
      { type: 'PodResizeInProgress', status: 'True', reason: 'Error', message: 'memory is in use' },
    ])
    expect([...resize.unfinished]).toEqual(['c'])
    state.error = undefined
    await clock.advance(10_000)
    await resize.apply(running)
    expect([updates.length, resize.conditions, resize.retry]).toEqual([2, [], undefined])
    state.error = new Error('socket hang up')
    await expect(resize.apply([{ container: container('2'), observed: made(container('1')) }])).rejects.toThrow(
      'hang up',
    )
  })

  it('has the containers started anew that want it so', async () => {
    const { resize } = arrange(pod(container('1')))
    const resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }]
    const observed = made(container('1'))
    const wanted = container('2', '64Mi', { resizePolicy })
    expect(await resize.apply([{ container: wanted, observed }])).toEqual([
      { container: wanted, attempt: 1, instead: observed, why: 'Container c resize requires restart' },
    ])
  })

  it('is told to run with what it had until it has been started anew', async () => {
    const { resize } = arrange(pod(container('1')))
    const resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }]
    const wanted = container('2', '64Mi', { resizePolicy })
    await resize.apply([{ container: wanted, observed: made(container('1')) }])
    expect([...resize.unfinished]).toEqual(['c'])
    await resize.apply([])
    expect([...resize.unfinished]).toEqual(['c'])
    await resize.apply([{ container: wanted, observed: made(wanted, 'c-1') }])
    expect([...resize.unfinished]).toEqual([])
  })

  it('leaves alone what was made before resources were noted', async () => {
    const { resize, updates } = arrange(pod(container('1')))
    await resize.apply([{ container: container('2'), observed: { ...made(container('1')), resources: undefined } }])
    expect(updates).toEqual([])
  })
})

const nodeOf = (pods: string) =>
  partial<Node>({ metadata: { name: 'n1' }, status: { allocatable: { cpu: '2', pods } } })

describe('the room for a resize', () => {
  const node = nodeOf('1')
  const other = { ...pod(container('500m')), metadata: { name: 'o', uid: 'o' } } as Pod
  const waiting = () => []

  it('is there, or not now, or never', () => {
    const judge = createResizeJudge({ node: () => node, taken: () => [other, pod(container('1'))], waiting })
    const roomy = createResizeJudge({ node: () => node, taken: () => [pod(container('1'))], waiting })
    expect(roomy(pod(container('2')))).toBeUndefined()
    expect(judge(pod(container('3')))).toEqual({
      reason: 'Infeasible',
      message: "Node didn't have enough capacity: cpu, requested: 3000, capacity: 2000",
    })
    expect(createResizeJudge({ node: () => undefined, taken: () => [], waiting })(pod(container('9')))).toBeUndefined()
  })

  it('is not there for what was refused before, though the status tells of what the pod has until then', () => {
    const judge = createResizeJudge({ node: () => node, taken: () => [], waiting })
    const conditions = [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }]
    const has = { name: 'c', resources: resources('1'), allocatedResources: { cpu: '1' } }
    expect(judge(pod(container('3'), { conditions, containerStatuses: [has] }))).toMatchObject({ reason: 'Infeasible' })
  })

  it('is not taken by the pod itself, but by others', () => {
    const wide = nodeOf('9')
    const judge = createResizeJudge({ node: () => wide, taken: () => [other, pod(container('1'))], waiting })
    expect(judge(pod(container('1500m')))).toBeUndefined()
    expect(judge(pod(container('1600m')))).toEqual({
      reason: 'Deferred',
      message: "Node didn't have enough resource: cpu, requested: 1600, used: 500, capacity: 2000",
    })
  })
})

describe('of the room that becomes free', () => {
  const node = nodeOf('9')
  const asking = (uid: string, cpu: string, more: { priority?: number; qosClass?: string } = {}): Pod => {
    const { priority = 0, qosClass = 'Burstable' } = more
    const spec = { priority, containers: [container(cpu)] }
    return { metadata: { name: uid, namespace: 'd', uid }, spec, status: { qosClass } } as Pod
  }
  const small = (uid: string): Pod => asking(uid, '100m')
  const late = asking('late', '1500m')
  const early = asking('early', '1500m')
  const guaranteed = asking('guaranteed', '1500m', { qosClass: 'Guaranteed' })
  const urgent = asking('urgent', '1500m', { priority: 1000 })

  it('those have theirs first that have the higher priority, the better class or waited longer', () => {
    const order = [urgent, guaranteed, early, late]
    const since = new Map([
      ['early', 1],
      ['guaranteed', 2],
      ['urgent', 3],
      ['late', 4],
    ])
    for (const [i, next] of order.entries()) {
      const left = order.slice(i)
      const taken = left.map(({ metadata }) => small(metadata.uid!))
      const waiting = left.map((one) => ({ pod: one, since: since.get(one.metadata.uid!)! }))
      const judge = createResizeJudge({ node: () => node, taken: () => taken, waiting: () => waiting })
      for (const one of left) expect(judge(one)?.reason).toBe(one === next ? undefined : 'Deferred')
    }
  })

  it('nobody waits for who does not fit either, and who asks only now comes last', () => {
    const never = asking('never', '1950m', { priority: 1000 })
    const waiting = [{ pod: never, since: 1 }]
    const taken = [small('never'), small('late')]
    const judge = createResizeJudge({ node: () => node, taken: () => taken, waiting: () => waiting })
    expect(judge(late)).toBeUndefined()
    const all = [...waiting, { pod: early, since: 2 }]
    const both = [...taken, small('early')]
    const fuller = createResizeJudge({ node: () => node, taken: () => both, waiting: () => all })
    expect([fuller(late)?.reason, fuller(early)?.reason]).toEqual(['Deferred', undefined])
  })
})

describe('the status of a pod that is resized', () => {
  const facts = (over: object = {}) => ({
    observed: [made(container('2'))],
    waiting: new Map(),
    starting: new Map(),
    ready: new Set<string>(),
    started: new Set<string>(),
    podIp: '',
    hostIp: '',
    now: 0,
    ...over,
  })

  it('tells what a container has been given, and what it still runs with', () => {
    const before = pod(container('2'), { containerStatuses: [{ name: 'c', resources: resources('1') }] })
    const told = (over = {}) => podStatus(before, facts(over)).containerStatuses?.[0]
    expect(told()).toMatchObject({ allocatedResources: resources('2').requests, resources: resources('2') })
    expect(told({ unfinished: new Set(['c']) })).toMatchObject({
      allocatedResources: resources('2').requests,
      resources: resources('1'),
    })
    expect(podStatus(pod({ name: 'c' }), facts()).containerStatuses?.[0]?.resources).toEqual({})
  })

  it('tells what the pod has been given as a whole, and what it still runs with', () => {
    const whole = pod({ name: 'c' }, { resources: resources('1') })
    whole.spec.resources = resources('2')
    expect(podStatus(whole, facts())).toMatchObject({
      allocatedResources: resources('2').requests,
      resources: resources('2'),
    })
    expect(podStatus(whole, facts({ unfinished: new Set(['c']) })).resources).toEqual(resources('1'))
    expect(podStatus(pod({ name: 'c' }), facts())).not.toHaveProperty('resources')
  })

  it('has its conditions only as long as there is something to tell', async () => {
    const server = new FakeTransport({ clock: new FakeClock() })
    const resize = [{ type: 'PodResizePending', status: 'True' as const, reason: 'Deferred', message: 'full' }]
    const waiting = podStatus(pod(container('2')), facts({ further: resize }))
    expect(waiting.conditions?.find(({ type }) => type === 'PodResizePending')).toMatchObject({ reason: 'Deferred' })
    const stored = { ...pod(container('2')), apiVersion: 'v1', kind: 'Pod', status: waiting }
    server.put(refs.pods, stored)
    await sendStatus(createClient(server), stored, podStatus(stored, facts()))
    const types = server.peek(refs.pods, 'p', 'd')?.status?.conditions?.map(({ type }) => type)
    expect(types).toContain('Ready')
    expect(types).not.toContain('PodResizePending')
  })
})
