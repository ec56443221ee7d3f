import { expect, it } from 'vitest'
import type { Pod, PodStatus } from '#types/core/v1'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { preemptedFor } from './preemption.ts'

const pod = (name: string, size: number, qosClass: PodStatus['qosClass'] = 'BestEffort', priority = 0): Pod =>
  partial<Pod>({ metadata: { name, labels: { size: String(size) } }, spec: { priority }, status: { qosClass } })
const sizeOf = ({ metadata }: Pod): number => Number(metadata.labels?.['size'])
const CRITICAL = 2_000_001_000
/** Names of those who go for a critical pod of a size, on a node of ten. */
const gone = (size: number, others: Pod[], priority = CRITICAL) =>
  preemptedFor(
    pod('new', size, 'Guaranteed', priority),
    others,
    (staying) => staying.reduce((sum, one) => sum + sizeOf(one), size) <= 10,
  )?.map(({ metadata }) => metadata.name)

it('for a critical pod those of the least quality go first, and no more than needed', () => {
  const others = [pod('g', 4, 'Guaranteed'), pod('b', 4, 'Burstable'), pod('e', 2)]
  expect(gone(1, others)).toEqual(['e'])
  expect(gone(4, others)).toEqual(['b'])
  expect(gone(6, others)).toEqual(['e', 'b'])
  expect(gone(9, others)).toEqual(['e', 'b', 'g'])
})

it('who is as important stays, whoever else would have to go in vain', () => {
  expect(gone(5, [pod('other', 8, 'Guaranteed', CRITICAL), pod('e', 2)])).toBeUndefined()
  expect(gone(5, [pod('less', 8, 'Guaranteed', 2_000_000_000), pod('e', 2)])).toEqual(['less'])
})

it('nobody goes for a pod that is not critical', () => {
  expect(gone(5, [pod('e', 10)], 1000)).toBeUndefined()
})

it('a pod without a status is of the least quality', () => {
  const { status: _, ...bare } = pod('bare', 5)
  expect(gone(5, [pod('b', 5, 'Burstable'), bare as Pod])).toEqual(['bare'])
})
