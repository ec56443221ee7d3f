import type { PodDisruptionBudget } from '#types/policy/v1'
import { labelSelectorMatcher } from '../../../../src-kube/machinery/labels.ts'
import type { Misfit } from '../framework/cycle.ts'
import { summarise } from '../framework/diagnosis.ts'
import { addTo, removeFrom } from '../framework/filtering.ts'
import type { NodeInfo } from '../framework/node-info.ts'
import type { Failure, Plugin, PostFilterResult } from '../framework/plugin.ts'
import type { PodInfo } from '../framework/pod-info.ts'
import type { Snapshot } from '../framework/snapshot.ts'

const noVictims = { reasons: ['No preemption victims found for incoming pod'] }
const notHelpful = { reasons: ['Preemption is not helpful for scheduling'] }

/** What it would cost to make room on a node. */
interface Candidate {
  readonly node: NodeInfo
  /** Most important first. */
  readonly victims: readonly PodInfo[]
  /** Victims whose disruption budget does not allow it. */
  readonly violations: number
}

/** Makes room for a pod by evicting less important ones (kubernetes.io, "Pod Priority and Preemption"). */
export const defaultPreemption: Plugin = {
  name: 'DefaultPreemption',
  postFilter(pod, misfit, snapshot) {
    const ineligible = whyNot(pod, misfit, snapshot)
    if (ineligible) return { message: `preemption: ${ineligible}` }
    const candidates: Candidate[] = []
    const reasons: Array<Pick<Failure, 'reasons'>> = []
    for (const node of snapshot.nodes) {
      if (unresolvable(misfit, node)) {
        reasons.push(notHelpful)
        continue
      }
      const found = makeRoom(pod, node, misfit, snapshot)
      if ('victims' in found) candidates.push(found)
      else reasons.push(found)
    }
    const best = candidates.reduce<Candidate | undefined>((a, b) => (a && cheaper(a, b) <= 0 ? a : b), undefined)
    if (!best) return { message: `preemption: ${summarise(snapshot.nodes.length, reasons)}`, clearsNomination: true }
    return { nominatedNodeName: best.node.name, victims: best.victims } satisfies PostFilterResult
  },
}

const unresolvable = (misfit: Misfit, node: NodeInfo) => misfit.failures.get(node.name)?.unresolvable === true

function whyNot({ pod, uid, priority }: PodInfo, misfit: Misfit, snapshot: Snapshot): string | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  const nominated = snapshot.node(pod.status?.nominatedNodeName ?? '')
  // Where it waits for room that would not help any more, it may look elsewhere.
  if (!nominated || unresolvable(misfit, nominated)) return undefined
  for (const other of nominated.pods.values())
    if (other.uid !== uid && other.priority < priority && isMakingRoom(other))
      return 'not eligible due to a terminating pod on the nominated node.'
  return undefined
}

/** A victim of preemption that is still going. */
function isMakingRoom({ pod: { metadata, status } }: PodInfo): boolean {
  const why = status?.conditions?.find(({ type }) => type === 'DisruptionTarget')
  return metadata.deletionTimestamp !== undefined && why?.status === 'True' && why.reason === 'PreemptionByScheduler'
}

/** Takes every less important pod away, then lets back in all that fit, most important and budgeted first; or why that does not help. Restores the node. */
function makeRoom(
  pod: PodInfo,
  node: NodeInfo,
  { filters, check }: Misfit,
  snapshot: Snapshot,
): Candidate | Pick<Failure, 'reasons'> {
  const lower = [...node.pods.values()].filter((other) => other.priority < pod.priority).sort(byImportance)
  if (lower.length === 0) return noVictims
  for (const other of lower) removeFrom(filters, node, other)
  const away = new Set(lower)
  try {
    const failure = check(node)
    if (failure) return failure
    const { violating, others } = splitByBudget(lower, snapshot)
    const reprieve = (other: PodInfo): boolean => {
      addTo(filters, node, other)
      away.delete(other)
      if (!check(node)) return true
      removeFrom(filters, node, other)
      away.add(other)
      return false
    }
    const violations = violating.filter((other) => !reprieve(other)).length
    others.forEach(reprieve)
    return { node, victims: lower.filter((other) => away.has(other)), violations }
  } finally {
    for (const other of away) addTo(filters, node, other)
  }
}

/** Higher priority first, then the one that has run longer. */
function byImportance(a: PodInfo, b: PodInfo): number {
  return b.priority - a.priority || started(a) - started(b)
}

const started = ({ pod }: PodInfo) => Date.parse(pod.status?.startTime ?? pod.metadata.creationTimestamp ?? '') || 0

function splitByBudget(pods: readonly PodInfo[], { lookups }: Snapshot) {
  const left = new Map<PodDisruptionBudget, number>()
  const violating: PodInfo[] = []
  const others: PodInfo[] = []
  for (const pod of pods) {
    let violates = false
    for (const budget of lookups.budgets(pod.namespace)) {
      if (!labelSelectorMatcher(budget.spec?.selector).matches(pod.labels)) continue
      if (budget.status?.disruptedPods?.[pod.pod.metadata.name] !== undefined) continue
      const allowed = (left.get(budget) ?? budget.status?.disruptionsAllowed ?? 0) - 1
      left.set(budget, allowed)
      if (allowed < 0) violates = true
    }
    ;(violates ? violating : others).push(pod)
  }
  return { violating, others }
}

/** Fewer violated budgets, a less important first victim, a lower sum of priorities, fewer victims, later started ones. */
function cheaper(a: Candidate, b: Candidate): number {
  const sum = ({ victims }: Candidate) => victims.reduce((total, { priority }) => total + priority + 2 ** 31, 0)
  const highest = ({ victims }: Candidate) => victims[0]?.priority ?? -Infinity
  const earliest = ({ victims }: Candidate) =>
    Math.min(...victims.filter(({ priority }) => priority === victims[0]?.priority).map(started))
  if (a.violations !== b.violations) return a.violations - b.violations
  if (highest(a) !== highest(b)) return highest(a) - highest(b)
  return sum(a) - sum(b) || a.victims.length - b.victims.length || earliest(b) - earliest(a)
}
