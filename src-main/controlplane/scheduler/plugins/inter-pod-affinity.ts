import { labelsEqual } from '../framework/labels.ts'
import type { NodeInfo } from '../framework/node-info.ts'
import type { ClusterEvent, Failure, NodeFilter, Plugin } from '../framework/plugin.ts'
import { podInfoOf, termMatches, type AffinityTerm, type PodInfo } from '../framework/pod-info.ts'
import type { Snapshot } from '../framework/snapshot.ts'
import { affinityScorer } from './inter-pod-affinity-score.ts'

const affinityFailure: Failure = { reasons: ["node(s) didn't match pod affinity rules"], unresolvable: true }
const antiAffinityFailure: Failure = { reasons: ["node(s) didn't match pod anti-affinity rules"] }
const existingFailure: Failure = { reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"] }

/** How many pods (or terms) there are in each domain: topology key, then value. */
class DomainCounts {
  readonly #counts = new Map<string, Map<string, number>>()

  get empty(): boolean {
    for (const values of this.#counts.values()) if (values.size) return false
    return true
  }

  add(node: NodeInfo, key: string, amount: number): void {
    const value = node.labels[key]
    if (value === undefined) return
    let values = this.#counts.get(key)
    if (!values) this.#counts.set(key, (values = new Map()))
    const count = (values.get(value) ?? 0) + amount
    if (count === 0) values.delete(value)
    else values.set(value, count)
  }

  at(node: NodeInfo, key: string): number {
    const value = node.labels[key]
    return value === undefined ? 0 : (this.#counts.get(key)?.get(value) ?? 0)
  }

  /** Whether any key has a count in the domain of the node. */
  touches(node: NodeInfo): boolean {
    for (const [key, values] of this.#counts) if (values.has(node.labels[key] ?? '\0')) return true
    return false
  }
}

/** Required inter-pod affinity and anti-affinity, of the pod and of those that run (kubernetes.io, "Inter-pod affinity"). */
class AffinityFilter implements NodeFilter {
  readonly #pod: PodInfo
  readonly #matches: (term: AffinityTerm, target: PodInfo) => boolean
  readonly #affinity = new DomainCounts()
  readonly #antiAffinity = new DomainCounts()
  readonly #existing = new DomainCounts()

  constructor(pod: PodInfo, snapshot: Snapshot) {
    this.#pod = pod
    const { namespaceLabels } = snapshot.lookups
    this.#matches = (term, target) => termMatches(term, target, namespaceLabels)
    for (const node of snapshot.withRequiredAntiAffinity)
      if (node.node) for (const other of node.withRequiredAntiAffinity) this.#countExisting(other, node, 1)
    if (pod.affinity.length === 0 && pod.antiAffinity.length === 0) return
    for (const node of snapshot.nodes) for (const other of node.pods.values()) this.#countIncoming(other, node, 1)
  }

  get idle(): boolean {
    return this.#pod.affinity.length === 0 && this.#pod.antiAffinity.length === 0 && this.#existing.empty
  }

  check(node: NodeInfo): Failure | undefined {
    if (!this.#meetsAffinity(node)) return affinityFailure
    for (const { topologyKey } of this.#pod.antiAffinity)
      if (this.#antiAffinity.at(node, topologyKey) > 0) return antiAffinityFailure
    return this.#existing.touches(node) ? existingFailure : undefined
  }

  add(other: PodInfo, node: NodeInfo): void {
    this.#countExisting(other, node, 1)
    this.#countIncoming(other, node, 1)
  }

  remove(other: PodInfo, node: NodeInfo): void {
    this.#countExisting(other, node, -1)
    this.#countIncoming(other, node, -1)
  }

  #countExisting(other: PodInfo, node: NodeInfo, amount: number): void {
    for (const term of other.antiAffinity)
      if (this.#matches(term, this.#pod)) this.#existing.add(node, term.topologyKey, amount)
  }

  /** A pod counts for affinity only when it matches every term. */
  #countIncoming(other: PodInfo, node: NodeInfo, amount: number): void {
    const { affinity, antiAffinity } = this.#pod
    if (affinity.length && affinity.every((term) => this.#matches(term, other)))
      for (const { topologyKey } of affinity) this.#affinity.add(node, topologyKey, amount)
    for (const term of antiAffinity)
      if (this.#matches(term, other)) this.#antiAffinity.add(node, term.topologyKey, amount)
  }

  #meetsAffinity(node: NodeInfo): boolean {
    const { affinity } = this.#pod
    let isPresent = true
    for (const { topologyKey } of affinity) {
      if (node.labels[topologyKey] === undefined) return false
      if (this.#affinity.at(node, topologyKey) === 0) isPresent = false
    }
    if (isPresent) return true
    // The first pod of a group that wants to be together may go anywhere.
    return this.#affinity.empty && affinity.every((term) => this.#matches(term, this.#pod))
  }
}

export const interPodAffinity: Plugin = {
  name: 'InterPodAffinity',
  weight: 2,
  preFilter(pod, snapshot) {
    const filter = new AffinityFilter(pod, snapshot)
    return filter.idle ? undefined : filter
  },
  preScore: affinityScorer,
  mayHelp,
}

function mayHelp(event: ClusterEvent, pod: PodInfo): boolean {
  if (event.resource === 'namespace') return true
  if (event.resource === 'node')
    return !event.old || !labelsEqual(event.node.metadata.labels, event.old.metadata.labels)
  if (event.resource !== 'pod') return false
  if (event.pod.metadata.uid === pod.uid) return true
  const other = podInfoOf(event.pod)
  const gone = event.action === 'delete'
  if (!gone && pod.affinity.some((term) => mayMatch(term, other))) return true
  const before = event.old ? podInfoOf(event.old) : gone ? other : undefined
  if (!before) return false
  return (
    pod.antiAffinity.some((term) => mayMatch(term, before)) || before.antiAffinity.some((term) => mayMatch(term, pod))
  )
}

/** Whether a term speaks of a pod, if its namespace has the labels that the term asks for. */
const mayMatch = (term: AffinityTerm, target: PodInfo): boolean =>
  term.namespaceSelector !== undefined || termMatches(term, target, () => undefined)
