import type { NodeFailure } from './filtering.ts'

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.`: reasons counted and sorted as upstream does. */
export function summarise(total: number, failures: Iterable<Pick<NodeFailure, 'reasons'>>): string {
  const counts = new Map<string, number>()
  for (const { reasons } of failures) for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort()
  return `0/${total} nodes are available: ${parts.join(', ')}.`
}
