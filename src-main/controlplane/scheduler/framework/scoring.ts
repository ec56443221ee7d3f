import type { NodeInfo } from './node-info.ts'
import type { Plugin } from './plugin.ts'
import type { PodInfo } from './pod-info.ts'
import type { Snapshot } from './snapshot.ts'

/** Weighted, normalised scores by plugin; each list is in the order of the nodes. */
export interface Scores {
  readonly totals: readonly number[]
  readonly byPlugin: Readonly<Record<string, readonly number[]>>
}

/** The weighted sum of what each plugin thinks of each of `nodes`, in their order; plugins without an opinion count for nothing. */
export function scoreNodes(
  plugins: readonly Plugin[],
  pod: PodInfo,
  snapshot: Snapshot,
  nodes: readonly NodeInfo[],
): Scores {
  const totals = nodes.map(() => 0)
  const byPlugin: Record<string, number[]> = {}
  for (const plugin of plugins) {
    const scorer = plugin.preScore?.(pod, snapshot, nodes)
    if (!scorer) continue
    const scores = nodes.map((node) => scorer.score(node))
    scorer.normalize?.(scores, nodes)
    const weight = plugin.weight ?? 1
    for (let i = 0; i < scores.length; i++) totals[i]! += scores[i]! *= weight
    byPlugin[plugin.name] = scores
  }
  return { totals, byPlugin }
}

/** The index of the highest total; among equals each has the same chance. */
export function selectHost(totals: readonly number[], random: () => number): number {
  let best = 0
  let equals = 1
  for (let i = 1; i < totals.length; i++) {
    if (totals[i]! > totals[best]!) {
      best = i
      equals = 1
    } else if (totals[i] === totals[best] && random() * ++equals < 1) best = i
  }
  return best
}
