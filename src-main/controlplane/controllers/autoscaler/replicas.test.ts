import { describe, expect, it } from 'vitest'
import type { Pod, PodStatus } from '#types/core/v1'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import { proposeReplicas, type ResourceAim } from './replicas.ts'
import type { PodUsage } from './usage.ts'

const now = Date.UTC(2026, 0, 1, 12)
const ago = (seconds: number) => formatTime(now - seconds * 1000)
let serial = 0
interface Kind {
  request?: string | undefined
  phase?: PodStatus['phase']
  ready?: boolean
  started?: number
  changed?: number
  going?: boolean
}
const pod = ({ request = '1', phase = 'Running', ready = true, started = 3600, changed = 3000, going }: Kind = {}) =>
  partial<Pod>({
    metadata: { uid: `u${++serial}`, name: `p${serial}`, ...(going ? { deletionTimestamp: ago(1) } : {}) },
    spec: {
      containers: [{ name: 'c', resources: request === 'none' ? {} : { requests: { cpu: request, memory: '1Gi' } } }],
      initContainers: [{ name: 'i' }],
    },
    status: {
      phase,
      startTime: ago(started),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: ago(changed) }],
    },
  })
const using = (pods: Pod[], ...cpu: Array<number | undefined>) =>
  new Map<string, PodUsage>(
    pods.flatMap(({ metadata }, i) =>
      cpu[i] === undefined ? [] : [[metadata.uid, new Map([['c', { cpu: cpu[i], memory: cpu[i] }]])] as const],
    ),
  )
const half: ResourceAim = { resource: 'cpu', utilization: 50 }
const of = (count: number, more: Kind = {}) => Array.from({ length: count }, () => pod(more))
const proposed = (pods: Pod[], cpu: Array<number | undefined>, aim = half, current = pods.length) =>
  proposeReplicas({ pods, usage: using(pods, ...cpu), current, now }, aim)

describe('a tolerance of its own', () => {
  const strict: ResourceAim = { ...half, tolerance: { up: 0, down: 0.3 } }
  it.each([
    ['makes the smallest excess count', [510, 510, 510], 4],
    ['lets less use be, up to its share', [360, 360, 360], 3],
    ['but no further', [320, 320, 320], 2],
  ])('%s', (_, cpu, replicas) => {
    expect(proposed(of(3), cpu, strict).replicas).toBe(replicas)
  })
})

// KEP-2837.
describe('the request of a pod as a whole', () => {
  const asking = (requests: Record<string, string>, container?: string) => {
    const one = pod({ request: 'none' })
    const containers = [{ name: 'c', resources: container ? { requests: { cpu: container } } : {} }, { name: 'd' }]
    return partial<Pod>({ ...one, spec: { ...one.spec, resources: { requests }, containers } })
  }

  it('is what its use is a share of', () => {
    expect(proposed([asking({ cpu: '2' }, '500m')], [1000])).toMatchObject({ replicas: 1, utilization: 50 })
  })

  it('is that of its containers for what it does not ask itself', () => {
    expect(proposed([asking({ memory: '1Gi' }, '500m')], [500])).toMatchObject({ replicas: 2, utilization: 100 })
    const { metadata } = asking({ memory: '1Gi' })
    const silent = { ...asking({ memory: '1Gi' }), metadata: { ...metadata, namespace: 'a', name: 'p' } }
    expect(() => proposed([silent], [500])).toThrow('missing pod-level request for cpu in Pod a/p')
  })

  it('is of no matter for one container', () => {
    const aim = { ...half, container: 'c' }
    expect(proposed([asking({ cpu: '2' }, '500m')], [500], aim)).toMatchObject({ utilization: 100 })
  })
})

describe('use in per cent of requests', () => {
  it('is whole, also where floating point is just below', () => {
    for (let use = 0; use <= 100; use++)
      expect(proposed(of(2), [use * 10, use * 10 + 9])).toMatchObject({ utilization: use, average: use * 10 + 4 })
  })

  it('decides as it is shown: 55.9% of 50% are within the tolerance of a tenth', () => {
    expect(
      proposed(
        of(10),
        Array.from({ length: 10 }, () => 559),
      ),
    ).toMatchObject({ replicas: 10, utilization: 55 })
  })
})

// kubernetes.io, "Horizontal Pod Autoscaling: Algorithm details".
describe('the number of replicas that metrics ask for', () => {
  it.each<[string, Pod[], Array<number | undefined>, number]>([
    ['twice as many for twice the use', of(2), [1000, 1000], 4],
    ['half as many for half the use', of(4), [250, 250, 250, 250], 2],
    ['rounded up', of(3), [600, 600, 600], 4],
    ['as many as there are within a tenth of the target', of(3), [530, 540, 550], 3],
    ['but not beyond', of(3), [560, 560, 560], 4],
    ['no fewer for what is missing, which is taken to use all of its request', of(3), [250, 250, undefined], 3],
    ['fewer when even so little is used', of(4), [100, 100, 100, undefined], 3],
    ['no more for what is missing, which is taken to use nothing', of(3), [600, 600, undefined], 3],
    ['more when even so much is used', of(3), [1500, 1500, undefined], 6],
    [
      'none for pods that go or have failed',
      [...of(2), pod({ going: true }), pod({ phase: 'Failed' })],
      [1000, 1000, 9, 9],
      4,
    ],
    ['less for pods that wait to start', [...of(2), ...of(2, { phase: 'Pending' })], [1000, 1000], 4],
    [
      'less for pods that warm up and are not ready',
      [...of(2), ...of(2, { started: 60, changed: 50, ready: false })],
      [1000, 1000, 3000, 3000],
      4,
    ],
    ['all of pods that warm up and are ready', of(2, { started: 60, changed: 50 }), [1000, 1000], 4],
    ['less for pods that never became ready', [...of(2), pod({ ready: false, changed: 3590 })], [1000, 1000, 9000], 4],
    ['all of pods that were ready before', [...of(2), pod({ ready: false, changed: 60 })], [1000, 1000, 1000], 6],
  ])('is %s', (_what, pods, cpu, replicas) => {
    expect(proposed(pods, cpu).replicas).toBe(replicas)
  })

  it('is by the mean use of pods when a value is aimed at', () => {
    const aim = { resource: 'cpu', average: 200 }
    expect(proposed(of(2, { request: 'none' }), [400, 400], aim)).toEqual({ replicas: 4, average: 400 })
    expect(proposed(of(3), [100, 100, undefined], aim).replicas).toBe(2)
    expect(proposed(of(1), [100], { resource: 'cpu' }).replicas).toBe(1)
  })

  it('tells the use in per cent of the requests', () => {
    expect(proposed(of(2), [700, 800])).toMatchObject({ utilization: 75, average: 750 })
  })

  it('counts one container when it is named, and memory of pods however young', () => {
    const pods = of(1, { started: 1, changed: 1, ready: false })
    const usage = new Map([
      [
        pods[0]!.metadata.uid,
        new Map([
          ['c', { cpu: 1, memory: 2 ** 30 * 1000 }],
          ['d', { cpu: 9, memory: 9e15 }],
        ]),
      ],
    ])
    const aim = { resource: 'memory', container: 'c', utilization: 50 }
    expect(proposeReplicas({ pods, usage, current: 1, now }, aim).replicas).toBe(2)
  })

  it.each<[string, Pod[], Array<number | undefined>, ResourceAim]>([
    ['unable to get metrics for resource cpu: no metrics returned from resource metrics API', of(1), [], half],
    [
      'did not receive metrics for targeted pods (pods might be unready)',
      [pod({ phase: 'Pending' }), pod({ going: true })],
      [5, 5],
      half,
    ],
    ['did not receive metrics for targeted pods (pods might be unready)', of(1), [5], { resource: 'disk', average: 1 }],
    ['missing request for cpu in container c of Pod', of(1, { request: 'none' }), [5], half],
  ])('cannot be told: %s', (words, pods, cpu, aim) => {
    expect(() => proposed(pods, cpu, aim)).toThrow(words)
  })

  it('cannot be told for no pods at all', () => {
    const words = 'no pods returned by selector while calculating replica count'
    expect(() => proposeReplicas({ pods: [], usage: using(of(1), 5), current: 0, now }, half)).toThrow(words)
  })
})
