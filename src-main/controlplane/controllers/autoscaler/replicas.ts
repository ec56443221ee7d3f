import type { Container, Pod } from '#types/core/v1'
import { milliValue } from '../../../../src-kube/machinery/quantity.ts'
import { parseTime } from '../../../../src-kube/machinery/time.ts'
import { podCondition } from '../pods.ts'
import { type PodUsage, usedBy } from './usage.ts'

/** kube-controller-manager's defaults: horizontal-pod-autoscaler-tolerance, -cpu-initialization-period, -initial-readiness-delay. */
export const DEFAULT_TOLERANCE = 0.1
const CPU_WARM_UP = 300_000
const READINESS_DELAY = 30_000

/** One resource metric of an autoscaler, with its target. */
export interface ResourceAim {
  resource: string
  /** One container of each pod, or all of them. */
  container?: string | undefined
  /** Per cent of what pods request. */
  utilization?: number | undefined
  /** Thousandths of the resource's unit, a pod. */
  average?: number | undefined
  /** How far off the target use may be, as a share of it, before there are more or fewer replicas (KEP-4951). */
  tolerance?: { up: number; down: number } | undefined
}

/** What the use of CPU or memory asks for. */
export interface Proposal {
  replicas: number
  /** Mean use of the pods that were measured: per cent of their requests, and thousandths of the unit. */
  utilization?: number
  average: number
}

interface Groups {
  ready: Map<string, number>
  unready: Pod[]
  missing: Pod[]
}

/** What is known of the pods of a workload. */
export interface Measured {
  readonly pods: readonly Pod[]
  /** By uid; of pods that were not measured nothing. */
  readonly usage: ReadonlyMap<string, PodUsage>
  /** How many replicas are asked for now. */
  readonly current: number
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * How many replicas would bring pods to their target ("Horizontal Pod Autoscaling: Algorithm details"). Pods that were not measured, or
 * have just begun, are taken for what slows the change down. Throws when it cannot tell. Pure.
 */
export function proposeReplicas({ pods, usage, current, now }: Measured, aim: ResourceAim): Proposal {
  if (usage.size === 0)
    throw new Error(`unable to get metrics for resource ${aim.resource}: no metrics returned from resource metrics API`)
  if (pods.length === 0) throw new Error('no pods returned by selector while calculating replica count')
  const { ready, unready, missing } = group(pods, usage, aim, now)
  if (ready.size === 0) throw new Error('did not receive metrics for targeted pods (pods might be unready)')
  const bases = basesOf(pods, aim)
  const { ratio, utilization } = compare(ready, bases, aim)
  const facts = { average: mean(ready), ...(utilization === undefined ? {} : { utilization }) }
  const withUnready = unready.length > 0 && ratio > 1
  if (!withUnready && missing.length === 0)
    return { ...facts, replicas: isNear(ratio, aim.tolerance) ? current : Math.ceil(round(ratio * ready.size)) }
  const guessed = new Map(ready)
  // On the way down the missing use what they should, on the way up nothing.
  const full = Math.max(100, aim.utilization ?? 100) / 100
  for (const { metadata } of missing) guessed.set(metadata.uid, ratio < 1 ? (bases.get(metadata.uid) ?? 0) * full : 0)
  if (withUnready) for (const { metadata } of unready) guessed.set(metadata.uid, 0)
  const next = compare(guessed, bases, aim).ratio
  if (isNear(next, aim.tolerance) || (ratio < 1 && next > 1) || (ratio > 1 && next < 1))
    return { ...facts, replicas: current }
  const replicas = Math.ceil(round(next * guessed.size))
  const turned = (next < 1 && replicas > current) || (next > 1 && replicas < current)
  return { ...facts, replicas: turned ? current : replicas }
}

/** Use of so many pods as floating point has it must not round up to one more. */
const round = (value: number): number => Math.round(value * 1e6) / 1e6

const usual = { up: DEFAULT_TOLERANCE, down: DEFAULT_TOLERANCE }

/** Whether use is so near to its target that nothing is to be done. */
export function isNear(ratio: number, { up, down }: NonNullable<ResourceAim['tolerance']> = usual): boolean {
  return 1 - down <= ratio && ratio <= 1 + up
}

/** Whole units, as upstream's metrics are. */
const mean = (used: ReadonlyMap<string, number>): number => Math.floor(sumOf(used.values()) / used.size)

function sumOf(values: Iterable<number>): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}

/** Use by target, over all pods that are counted; a share is taken in whole per cent, as it is shown. */
function compare(
  used: ReadonlyMap<string, number>,
  bases: ReadonlyMap<string, number>,
  { utilization: wanted, average = 0 }: ResourceAim,
): { ratio: number; utilization?: number } {
  if (wanted === undefined) return { ratio: average === 0 ? 1 : mean(used) / average }
  const base = sumOf([...used.keys()].map((uid) => bases.get(uid) ?? 0))
  if (base === 0) return { ratio: 1, utilization: wanted }
  const utilization = Math.floor((sumOf(used.values()) * 100) / base)
  return { ratio: utilization / wanted, utilization }
}

/** What each pod's use is a share of, or what it should use, by uid; throws when a request is asked for that is not made. */
function basesOf(pods: readonly Pod[], aim: ResourceAim): Map<string, number> {
  return new Map(
    pods.map((pod) => [pod.metadata.uid, aim.utilization === undefined ? (aim.average ?? 0) : requestOf(pod, aim)]),
  )
}

/** What a pod asks as a whole counts where all of it is measured (KEP-2837). */
function requestOf(pod: Pod, aim: ResourceAim): number {
  const { spec, metadata } = pod
  const { resource, container } = aim
  const asked = container === undefined ? spec.resources?.requests : undefined
  const own = asked?.[resource]
  if (own !== undefined) return milliValue(own)
  let sum = 0
  let isSaid = false
  for (const { name, resources } of containersOf(pod, container)) {
    const request = resources?.requests?.[resource]
    if (request !== undefined) isSaid = true
    else if (!asked) throw new Error(`missing request for ${resource} in container ${name} of Pod ${metadata.name}`)
    sum += milliValue(request)
  }
  if (asked && !isSaid)
    throw new Error(`missing pod-level request for ${resource} in Pod ${metadata.namespace}/${metadata.name}`)
  return sum
}

/** Those that run side by side, or the one of a name. */
function containersOf({ spec }: Pod, container: string | undefined): readonly Container[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  return [...spec.containers, ...sidecars].filter(({ name }) => container === undefined || container === name)
}

function group(
  pods: readonly Pod[],
  usage: ReadonlyMap<string, PodUsage>,
  { resource, container }: ResourceAim,
  now: number,
): Groups {
  const groups: Groups = { ready: new Map(), unready: [], missing: [] }
  for (const pod of pods) {
    const { uid, deletionTimestamp } = pod.metadata
    if (deletionTimestamp || pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') continue
    const used = usedBy(usage.get(uid), resource, container)
    if (pod.status?.phase === 'Pending') groups.unready.push(pod)
    else if (used === undefined) groups.missing.push(pod)
    else if (resource === 'cpu' && isWarmingUp(pod, now)) groups.unready.push(pod)
    else groups.ready.set(uid, used)
  }
  return groups
}

/** A pod that has just begun uses more than it will; its first five minutes count only once it is ready. */
function isWarmingUp(pod: Pod, now: number): boolean {
  const condition = podCondition(pod, 'Ready')
  const started = parseTime(pod.status?.startTime)
  const changed = parseTime(condition?.lastTransitionTime)
  if (!condition || started === undefined || changed === undefined) return true
  if (condition.status === 'True') return false
  return started + CPU_WARM_UP > now || started + READINESS_DELAY > changed
}
