import { expect, it } from 'vitest'
import type { StatsSummary } from '../../../src-wire/node/stats-summary.ts'
import { overWindow } from './over-window.ts'

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString()
const cpu = (second: number, used: number) => ({
  cpu: { time: at(second), usageNanoCores: 7, usageCoreNanoSeconds: used * 1e9 },
})
const summary = (second: number, node: number, container: number, startTime = at(-100)): StatsSummary => ({
  node: cpu(second, node),
  pods: [{ podRef: { uid: 'u' }, containers: [{ name: 'c', startTime, ...cpu(second, container) }] }],
})
const ratesOf = ({ node, pods = [] }: StatsSummary) =>
  [node, ...pods.flatMap(({ containers = [] }) => containers)].map((one) => one?.cpu?.usageNanoCores)

it('averages what was used since the earlier summary', () => {
  const found = overWindow(summary(12.5, 105, 20), summary(0, 100, 20))
  expect(ratesOf(found)).toEqual([400_000_000, 0])
  expect(found.node?.cpu).toEqual({
    time: at(12.5),
    usageNanoCores: 400_000_000,
    usageCoreNanoSeconds: 105e9,
    window: 12.5,
  })
})

it("keeps the kubelet's own rates where the two cannot be compared", () => {
  const own = [7, 7]
  expect(ratesOf(overWindow(summary(4, 1, 1), summary(0, 0, 0)))).toEqual(own)
  expect(ratesOf(overWindow(summary(60, 1, 1), summary(0, 0, 0)))).toEqual(own)
  expect(ratesOf(overWindow(summary(10, 1, 1), summary(0, 2, 2)))).toEqual(own)
  expect(ratesOf(overWindow(summary(10, 1, 1), {}))).toEqual(own)
  expect(overWindow({ pods: [{ podRef: { uid: 'u' } }] }, summary(0, 0, 0))).toEqual({
    pods: [{ podRef: { uid: 'u' }, containers: [] }],
  })
})

it('does not take a container that was started anew for the one before', () => {
  expect(ratesOf(overWindow(summary(10, 10, 9, at(5)), summary(0, 0, 1)))).toEqual([1e9, 7])
})
