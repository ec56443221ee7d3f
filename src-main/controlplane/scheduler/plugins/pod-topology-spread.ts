import type { Node, TopologySpreadConstraint } from '#types/core/v1'
import type { LabelMatcher } from '../../../../src-kube/machinery/labels.ts'
import { labelsEqual } from '../framework/labels.ts'
import type { NodeInfo } from '../framework/node-info.ts'
import type { Failure, NodeFilter, NodeScorer, Plugin } from '../framework/plugin.ts'
import { selectorOf, type PodInfo } from '../framework/pod-info.ts'
import type { Snapshot } from '../framework/snapshot.ts'
import { tolerates } from '../../../../src-kube/machinery/tolerations.ts'
import { matchesNodeAffinity } from './node-affinity.ts'

const skewed: Failure = { reasons: ["node(s) didn't match pod topology spread constraints"] }
const unlabelled: Failure = {
  reasons: ["node(s) didn't match pod topology spread constraints (missing required label)"],
  unresolvable: true,
}

interface Constraint {
  readonly topologyKey: string
  readonly maxSkew: number
  readonly minDomains: number
  readonly matches: (pod: PodInfo) => boolean
  readonly includes: (node: NodeInfo) => boolean
}

function parse(pod: PodInfo, given: TopologySpreadConstraint): Constraint {
  const selector = selectorOf(pod.labels, given)
  const { tolerations } = pod.pod.spec
  return {
    topologyKey: given.topologyKey,
    maxSkew: given.maxSkew,
    minDomains: given.minDomains ?? 1,
    matches: matchesIn(pod.namespace, [selector]),
    includes: (node) =>
      (given.nodeAffinityPolicy === 'Ignore' || matchesNodeAffinity(pod.pod, node)) &&
      (given.nodeTaintsPolicy !== 'Honor' ||
        node.taints.every((taint) => taint.effect === 'PreferNoSchedule' || tolerates(tolerations, taint))),
  }
}

/** Pods of one namespace under all the selectors that are not going away. */
function matchesIn(namespace: string, selectors: readonly LabelMatcher[]): (pod: PodInfo) => boolean {
  return (pod) =>
    pod.namespace === namespace &&
    !pod.pod.metadata.deletionTimestamp &&
    selectors.every((selector) => selector.matches(pod.labels))
}

/** Counts by domain of the nodes that take part: those with every key. */
function countDomains(
  constraint: Constraint,
  nodes: readonly NodeInfo[],
  keys: readonly string[],
): Map<string, number> {
  const counts = new Map<string, number>()
  for (const node of nodes) {
    if (keys.some((key) => node.labels[key] === undefined) || !constraint.includes(node)) continue
    const value = node.labels[constraint.topologyKey]!
    let count = counts.get(value) ?? 0
    for (const pod of node.pods.values()) if (constraint.matches(pod)) count++
    counts.set(value, count)
  }
  return counts
}

const hardConstraints = ({ pod }: PodInfo) =>
  pod.spec.topologySpreadConstraints?.filter((c) => c.whenUnsatisfiable === 'DoNotSchedule')

function hardFilter(pod: PodInfo, snapshot: Snapshot): NodeFilter | undefined {
  const given = hardConstraints(pod)
  if (!given?.length) return undefined
  const keys = given.map(({ topologyKey }) => topologyKey)
  const spreads = given.map((one) => {
    const constraint = parse(pod, one)
    return { constraint, self: constraint.matches(pod) ? 1 : 0, counts: countDomains(constraint, snapshot.nodes, keys) }
  })
  const change = (other: PodInfo, node: NodeInfo, amount: number) => {
    for (const { constraint, counts } of spreads) {
      const value = node.labels[constraint.topologyKey]
      const count = value === undefined ? undefined : counts.get(value)
      if (count !== undefined && constraint.matches(other)) counts.set(value!, count + amount)
    }
  }
  return {
    check(node) {
      for (const { constraint, counts, self } of spreads) {
        const value = node.labels[constraint.topologyKey]
        if (value === undefined) return unlabelled
        const least = counts.size < constraint.minDomains ? 0 : lowest(counts)
        if ((counts.get(value) ?? 0) + self - least > constraint.maxSkew) return skewed
      }
      return undefined
    },
    add: (other, node) => change(other, node, 1),
    remove: (other, node) => change(other, node, -1),
  }
}

/** The fewest of any domain; there is at least one. */
function lowest(counts: ReadonlyMap<string, number>): number {
  let least = Infinity
  for (const count of counts.values()) if (count < least) least = count
  return least
}

const defaults = [
  { topologyKey: 'kubernetes.io/hostname', maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5 },
]

/** The soft constraints of a pod; without any constraint the cluster's defaults, over the pods of its services and controller. */
function softConstraints(pod: PodInfo, snapshot: Snapshot): { constraints: Constraint[]; system: boolean } {
  const given = pod.pod.spec.topologySpreadConstraints
  if (given?.length) {
    const soft = given.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway')
    return { constraints: soft.map((one) => parse(pod, one)), system: false }
  }
  const selectors = snapshot.lookups.owningSelectors(pod)
  if (selectors.length === 0) return { constraints: [], system: true }
  const matches = matchesIn(pod.namespace, selectors)
  const includes = (node: NodeInfo) => matchesNodeAffinity(pod.pod, node)
  return { constraints: defaults.map((one) => ({ ...one, minDomains: 1, matches, includes })), system: true }
}

function softScorer(pod: PodInfo, snapshot: Snapshot, nodes: readonly NodeInfo[]): NodeScorer | undefined {
  const { constraints, system } = softConstraints(pod, snapshot)
  if (constraints.length === 0) return undefined
  const keys = system ? [] : constraints.map(({ topologyKey }) => topologyKey)
  const ignored = new Set(nodes.filter((node) => keys.some((key) => node.labels[key] === undefined)))
  const spreads = constraints.map((constraint) => {
    const { topologyKey, maxSkew } = constraint
    const domains = new Set(nodes.filter((node) => !ignored.has(node)).map((node) => node.labels[topologyKey]))
    domains.delete(undefined)
    const labelled = snapshot.nodes.filter((node) => node.labels[topologyKey] !== undefined)
    const counts = countDomains(constraint, labelled, keys)
    return { topologyKey, maxSkew, counts, weight: Math.log(domains.size + 2) }
  })
  return {
    score(node) {
      if (ignored.has(node)) return -1
      let sum = 0
      for (const { topologyKey, maxSkew, counts, weight } of spreads) {
        const value = node.labels[topologyKey]
        if (value !== undefined) sum += (counts.get(value) ?? 0) * weight + (maxSkew - 1)
      }
      return Math.round(sum)
    },
    normalize: fewerIsBetter,
  }
}

/** The fullest domain gets the least; nodes outside of all domains (below zero) get nothing. */
function fewerIsBetter(scores: number[]): void {
  const valid = scores.filter((score) => score >= 0)
  const [least, most] = valid.reduce(([low, high], s) => [Math.min(low, s), Math.max(high, s)], [Infinity, 0])
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!
    if (score < 0) scores[i] = 0
    else scores[i] = most === 0 ? 100 : Math.floor((100 * (most + least - score)) / most)
  }
}

/** Topology spread constraints (kubernetes.io, "Pod Topology Spread Constraints"). */
export const podTopologySpread: Plugin = {
  name: 'PodTopologySpread',
  weight: 2,
  preFilter: hardFilter,
  preScore: softScorer,
  mayHelp(event, pod) {
    if (event.resource === 'lost node') return true
    if (event.resource === 'node') return !event.old || changesDomains(event.node, event.old)
    if (event.resource !== 'pod') return false
    if (event.pod.metadata.uid === pod.uid) return true
    if (event.pod.metadata.namespace !== pod.namespace) return false
    const given = hardConstraints(pod) ?? []
    const states = [event.pod, ...(event.old ? [event.old] : [])]
    return given.some((one) => states.some(({ metadata }) => selectorOf(pod.labels, one).matches(metadata.labels)))
  },
}

/** A node may come to a domain, or leave one, by its labels and, where they are honoured, its taints. */
const changesDomains = (node: Node, old: Node): boolean =>
  !labelsEqual(node.metadata.labels, old.metadata.labels) ||
  JSON.stringify(node.spec?.taints) !== JSON.stringify(old.spec?.taints)
