import type { ContainerStatus, Pod, PodStatus } from '#types/core/v1'
import { expect, it } from 'vitest'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import { inDeletionOrder } from './deletion-order.ts'

const now = Date.parse('2026-01-01T12:00:00Z')
const ago = (seconds: number) => formatTime(now - seconds * 1000)
const ready = (since: number) => [{ type: 'Ready', status: 'True' as const, lastTransitionTime: ago(since) }]
interface Shape {
  node?: string
  cost?: string
  age?: number
  status?: Partial<PodStatus>
}
const pod = (name: string, { node, cost, age = 3600, status }: Shape = {}): Pod =>
  partial<Pod>({
    metadata: {
      name,
      creationTimestamp: ago(age),
      ...(cost === undefined ? {} : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }),
    },
    spec: { containers: [], ...(node ? { nodeName: node } : {}) },
    status: { phase: 'Running', ...status },
  })
const onNode = (name: string, more: Shape = {}) =>
  pod(name, { node: 'n1', ...more, status: { conditions: ready(3600), ...more.status } })
const restarted = (...counts: number[]) => ({
  containerStatuses: counts.map((restartCount, i) => partial<ContainerStatus>({ name: `c${i}`, restartCount })),
})

// kubernetes.io, "ReplicaSet: Scaling down a ReplicaSet" and "Pod deletion cost".
it.each<[string, Pod, Pod]>([
  ['one on no node before one on a node', pod('first', { status: { conditions: ready(1) } }), onNode('then')],
  ['a pending one before a running one', onNode('first', { status: { phase: 'Pending' } }), onNode('then')],
  ['one in an unknown phase before a running one', onNode('first', { status: { phase: 'Unknown' } }), onNode('then')],
  ['one that is not ready before a ready one', pod('first', { node: 'n1' }), onNode('then')],
  ['one of lower cost', onNode('first', { cost: '-5' }), onNode('then')],
  ['one of lower cost, as numbers', onNode('first', { cost: '9' }), onNode('then', { cost: '10' })],
  ['one that became ready later', onNode('first', { status: { conditions: ready(60) } }), onNode('then')],
  ['one that restarted more', onNode('first', { status: restarted(3) }), onNode('then', { status: restarted(1) })],
  [
    'one whose worst container restarted more, not all together',
    onNode('first', { status: restarted(3) }),
    onNode('then', { status: restarted(2, 2, 2) }),
  ],
  ['the younger one', onNode('first', { age: 60 }), onNode('then')],
])('gives up %s', (_what, first, then) => {
  expect(inDeletionOrder([then, first], [], now).map(({ metadata }) => metadata.name)).toEqual(['first', 'then'])
  expect(inDeletionOrder([first, then], [], now).map(({ metadata }) => metadata.name)).toEqual(['first', 'then'])
})

it('gives up pods where more of the same run, those of other controllers of the owner included', () => {
  const crowded = onNode('crowded', { node: 'n2' })
  const related = [onNode('a', { node: 'n2' }), onNode('b', { node: 'n2' }), onNode('c'), pod('nowhere')]
  expect(inDeletionOrder([onNode('alone'), crowded], related, now)[0]?.metadata.name).toBe('crowded')
})

it('does not tell pods apart that are of about the same age: by powers of two', () => {
  const pods = [onNode('a', { age: 3600 }), onNode('b', { age: 3500 })]
  expect(inDeletionOrder(pods, [], now)).toEqual(pods)
  expect(inDeletionOrder(pods.toReversed(), [], now)).toEqual(pods.toReversed())
})

it('takes a cost that is no integer, like an absent one, for zero', () => {
  const pods = [onNode('a', { cost: 'cheap' }), onNode('b', { cost: '0.5' }), onNode('c')]
  expect(inDeletionOrder(pods, [], now)).toEqual(pods)
})

it('takes a pod without a status for a pending one', () => {
  const { status: _, ...bare } = onNode('first')
  expect(inDeletionOrder([onNode('then'), bare], [], now)[0]?.metadata.name).toBe('first')
})
