import type { StatefulSet } from '#types/apps/v1'
import type { Pod } from '#types/core/v1'
import { resolveIntOrPercent } from '../int-or-percent.ts'
import { availableIn, isPodReady, isPodTerminal } from '../pods.ts'
import { ordinalOf, ordinals, revisionOfPod } from './identity.ts'

/** Names of the revision that the set comes from, and of the one it goes to. */
export interface RevisionNames {
  current: string
  update: string
}

/** What is to be done for a set now; the next look may want more. */
export interface StatefulPlan {
  /** Ordinals to make pods for, each from one of the two revisions. */
  create: Array<{ ordinal: number; revision: string }>
  /** Pods to delete: ended ones that come back, those that are too many, and outdated ones. */
  remove: Pod[]
  /** Pods inside the set's range that exist: their identity and their claims are to be kept right. */
  keep: Pod[]
  /** Pods outside the range that are to go now. */
  condemned: Pod[]
}

const isTerminating = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined

export const isRunningAndReady = (pod: Pod): boolean => pod.status?.phase === 'Running' && isPodReady(pod)

/** Milliseconds until a pod is available; undefined when that is not a matter of time. */
export function untilAvailable(set: StatefulSet, pod: Pod, now: number): number | undefined {
  return isRunningAndReady(pod) ? availableIn(pod, set.spec.minReadySeconds ?? 0, now) : undefined
}

/** Makes and removes pods of the right revision, one after another or all at once. */
class Planner {
  readonly plan: StatefulPlan = { create: [], remove: [], keep: [], condemned: [] }
  readonly #set: StatefulSet
  readonly #names: RevisionNames
  readonly #now: number
  readonly #ordered: boolean

  constructor(set: StatefulSet, names: RevisionNames, now: number) {
    this.#set = set
    this.#names = names
    this.#now = now
    this.#ordered = set.spec.podManagementPolicy !== 'Parallel'
  }

  /** Sees to the pods of the range, lowest first. False when the rest must wait. */
  replicas(byOrdinal: ReadonlyMap<number, Pod>): boolean {
    const { from, to } = ordinals(this.#set)
    for (let ordinal = from; ordinal < to; ordinal++) {
      const pod = byOrdinal.get(ordinal)
      if (pod && isPodTerminal(pod)) {
        if (!isTerminating(pod)) this.plan.remove.push(pod)
      } else if (pod) this.plan.keep.push(pod)
      else this.plan.create.push({ ordinal, revision: this.#revisionFor(ordinal) })
      const stops = !pod || isPodTerminal(pod) || isTerminating(pod) || !this.#isAvailable(pod)
      if (this.#ordered && stops) return false
    }
    return true
  }

  /** Gives up pods outside the range, highest first; in order, only one at a time and none while a lower one is unwell. */
  scaleDown(condemned: readonly Pod[]): boolean {
    const lowestUnwell = condemned.findLast((pod) => isTerminating(pod) || !this.#isAvailable(pod))
    for (const pod of condemned) {
      if (isTerminating(pod)) {
        if (this.#ordered) return false
        continue
      }
      if (this.#ordered && pod !== lowestUnwell && !this.#isAvailable(pod)) return false
      this.plan.remove.push(pod)
      this.plan.condemned.push(pod)
      if (this.#ordered) return false
    }
    return true
  }

  /** Replaces outdated pods, highest first, down to the partition and within `maxUnavailable`. */
  update(byOrdinal: ReadonlyMap<number, Pod>): void {
    const { updateStrategy, replicas = 1 } = this.#set.spec
    if (updateStrategy?.type === 'OnDelete') return
    const { partition = 0, maxUnavailable } = updateStrategy?.rollingUpdate ?? {}
    const { from, to } = ordinals(this.#set)
    const most = maxUnavailable === undefined ? 1 : Math.max(1, resolveIntOrPercent(maxUnavailable, replicas, 'down'))
    let unavailable = most === 1 ? 0 : this.#unavailable(byOrdinal)
    for (let ordinal = to - 1; ordinal >= from + partition && unavailable < most; ordinal--) {
      const pod = byOrdinal.get(ordinal)
      if (pod && revisionOfPod(pod) !== this.#names.update && !isTerminating(pod) && !this.plan.remove.includes(pod)) {
        this.plan.remove.push(pod)
        unavailable++
      } else if (most === 1 && (!pod || isTerminating(pod) || !this.#isAvailable(pod))) return
    }
  }

  #unavailable(byOrdinal: ReadonlyMap<number, Pod>): number {
    const { from, to } = ordinals(this.#set)
    let count = 0
    for (let ordinal = from; ordinal < to; ordinal++) {
      const pod = byOrdinal.get(ordinal)
      if (!pod || isTerminating(pod) || !this.#isAvailable(pod)) count++
    }
    return count
  }

  /** Below the partition, pods stay at the revision they come from. */
  #revisionFor(ordinal: number): string {
    const { updateStrategy } = this.#set.spec
    if (updateStrategy?.type === 'OnDelete') return this.#names.update
    const { from } = ordinals(this.#set)
    const kept = updateStrategy?.rollingUpdate?.partition ?? 0
    return ordinal < from + kept ? this.#names.current : this.#names.update
  }

  #isAvailable(pod: Pod): boolean {
    return untilAvailable(this.#set, pod, this.#now) === 0
  }
}

/**
 * What a stateful set with these pods needs next ("StatefulSets: Deployment and Scaling Guarantees", "Update strategies"). In order
 * (`OrderedReady`) nothing happens to a pod before its predecessors are running, ready and available, and one pod goes at a time. Pure.
 */
export function planStatefulSet(
  set: StatefulSet,
  pods: readonly Pod[],
  names: RevisionNames,
  now: number,
): StatefulPlan {
  const planner = new Planner(set, names, now)
  const { from, to } = ordinals(set)
  const inRange = new Map<number, Pod>()
  const condemned: Array<[number, Pod]> = []
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod)
    if (ordinal === undefined) continue
    if (ordinal >= from && ordinal < to) inRange.set(ordinal, pod)
    else condemned.push([ordinal, pod])
  }
  const highestFirst = condemned.toSorted(([a], [b]) => b - a).map(([, pod]) => pod)
  if (planner.replicas(inRange) && planner.scaleDown(highestFirst)) planner.update(inRange)
  return planner.plan
}
