import type { NodeInfo } from '../framework/node-info.ts'
import type { NodeScorer } from '../framework/plugin.ts'
import { termMatches, type AffinityTerm, type PodInfo } from '../framework/pod-info.ts'
import type { Snapshot } from '../framework/snapshot.ts'

/** Weight by which a running pod's required affinity draws those it speaks of. */
const HARD_WEIGHT = 1

/** Preferred terms of the pod about others, and of others (required affinity included) about the pod, summed by domain. */
export function affinityScorer(pod: PodInfo, snapshot: Snapshot): NodeScorer | undefined {
  const own = pod.preferredAffinity.length > 0 || pod.preferredAntiAffinity.length > 0
  if (!own && snapshot.withAffinity.size === 0) return undefined
  const { namespaceLabels } = snapshot.lookups
  const sums = new Map<string, Map<string, number>>()
  const count = (terms: readonly AffinityTerm[], target: PodInfo, node: NodeInfo, sign: number, weight?: number) => {
    for (const term of terms) {
      const value = node.labels[term.topologyKey]
      if (value === undefined || !termMatches(term, target, namespaceLabels)) continue
      let values = sums.get(term.topologyKey)
      if (!values) sums.set(term.topologyKey, (values = new Map()))
      values.set(value, (values.get(value) ?? 0) + sign * (weight ?? term.weight))
    }
  }
  for (const node of own ? snapshot.nodes : snapshot.withAffinity) {
    if (!node.node) continue
    if (own)
      for (const other of node.pods.values()) {
        count(pod.preferredAffinity, other, node, 1)
        count(pod.preferredAntiAffinity, other, node, -1)
      }
    for (const other of node.withAffinity) {
      count(other.affinity, pod, node, 1, HARD_WEIGHT)
      count(other.preferredAffinity, pod, node, 1)
      count(other.preferredAntiAffinity, pod, node, -1)
    }
  }
  if (sums.size === 0) return undefined
  return {
    score(node) {
      let sum = 0
      for (const [key, values] of sums) sum += values.get(node.labels[key] ?? '\0') ?? 0
      return sum
    },
    normalize: spreadToHundred,
  }
}

/** The lowest becomes 0, the highest 100; all equal become 0. */
function spreadToHundred(scores: number[]): void {
  let lowest = Infinity
  let highest = -Infinity
  for (const score of scores) {
    if (score < lowest) lowest = score
    if (score > highest) highest = score
  }
  const range = highest - lowest
  for (let i = 0; i < scores.length; i++) scores[i] = range > 0 ? Math.floor(((scores[i]! - lowest) * 100) / range) : 0
}
