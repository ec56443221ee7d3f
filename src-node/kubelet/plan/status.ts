import type { Container, ContainerStatus, Pod, PodStatus } from '#types/core/v1'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import type { FurtherCondition } from './allocated.ts'
import { ownConditions } from './conditions.ts'
import { begunAttempts, type ContainerFacts, containerStatus } from './container-status.ts'
import { limitMessages } from './message-limit.ts'
import { SANDBOX } from './naming.ts'
import { attemptsOf } from './observed.ts'
import { isSidecar, mayRestart } from './restart.ts'

export type { Waiting } from './container-status.ts'
export { isSidecar } from './restart.ts'

/** All that a pod's status is made of; `now` is milliseconds since the epoch. */
export interface StatusFacts extends ContainerFacts {
  podIp: string
  hostIp: string
  now: number
  /** Conditions that are there only while there is something to tell. */
  further?: readonly FurtherCondition[] | undefined
  /** Set when the kubelet ended the pod itself. */
  failure?: Failure | undefined
}

/** Why the kubelet ended a pod, or did not take it. */
export interface Failure {
  reason: string
  message: string
  /** The node did not take it: nothing is told of containers, which never were. */
  refused?: true
}

/** The status of a pod as its node sees it, with the node's own conditions alone (kubernetes.io, "Pod Lifecycle"). Pure. */
export function podStatus(pod: Pod, facts: StatusFacts): PodStatus {
  if (facts.failure?.refused) return refusedStatus(pod, facts.failure, facts.now)
  const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec
  const inits = initContainers.map((container) => containerStatus(pod, container, 'init', facts))
  const mains = containers.map((container) => containerStatus(pod, container, 'main', facts))
  const debuggers = ephemeralContainers.map((container) => containerStatus(pod, container, 'ephemeral', facts))
  const initialized = inits.every((status, i) =>
    isSidecar(initContainers[i]!) ? status.started === true : status.state?.terminated?.exitCode === 0,
  )
  const alive = facts.failure ? 'Failed' : (lastPhase(pod) ?? phaseOf(pod, { inits, mains, initialized }, facts))
  const phase = facts.terminal ? endingPhase(alive) : alive
  const sandbox = attemptsOf(facts.observed, SANDBOX).last?.state === 'running'
  return {
    ...(facts.failure ? { reason: facts.failure.reason, message: facts.failure.message } : {}),
    observedGeneration: pod.metadata.generation,
    phase,
    qosClass: pod.status?.qosClass,
    ...wholeResources(pod, facts),
    conditions: ownConditions(pod, {
      phase,
      initialized,
      inits,
      mains,
      sandbox,
      further: facts.further,
      now: facts.now,
    }),
    hostIP: facts.hostIp,
    hostIPs: [{ ip: facts.hostIp }],
    ...(facts.podIp ? { podIP: facts.podIp, podIPs: [{ ip: facts.podIp }] } : {}),
    startTime: pod.status?.startTime ?? formatTime(facts.now),
    ...(inits.length > 0 ? { initContainerStatuses: limitMessages(pod, inits) } : {}),
    containerStatuses: limitMessages(pod, mains),
    ...(debuggers.length > 0 ? { ephemeralContainerStatuses: limitMessages(pod, debuggers) } : {}),
  }
}

/** What a pod that asks for resources as a whole has been given, and what it runs with (KEP-5419). */
function wholeResources({ spec: { resources }, status }: Pod, { unfinished }: StatusFacts) {
  if (!resources) return {}
  const { requests, limits } = resources
  const before = (unfinished?.size ?? 0) > 0 ? status?.resources : undefined
  return {
    ...(requests ? { allocatedResources: requests } : {}),
    resources: before ?? { ...(limits ? { limits } : {}), ...(requests ? { requests } : {}) },
  }
}

function refusedStatus({ metadata, status }: Pod, { reason, message }: Failure, now: number): PodStatus {
  const startTime = status?.startTime ?? formatTime(now)
  return {
    observedGeneration: metadata.generation,
    phase: 'Failed',
    reason,
    message,
    qosClass: status?.qosClass,
    startTime,
  }
}

/** What a status says, without the times of its conditions: two that say the same need not both be sent. */
export function statusText(status: PodStatus): string {
  const conditions = status.conditions?.map(({ type, status: s, reason, message }) => ({ type, s, reason, message }))
  return JSON.stringify({ ...status, conditions })
}

/** Whether another has come to say of a pod's readiness what its node did not, as of a node taken for lost: it is told again. */
export function overruled(before: Pod, pod: Pod, sent: string | undefined): boolean {
  const ready = ({ status }: Pod) => status?.conditions?.find(({ type }) => type === 'Ready')?.status
  return ready(pod) !== ready(before) && ready(pod) !== sent
}

type Phase = NonNullable<PodStatus['phase']>

/** Whether a pod has ended for good, as its status says. */
export const hasEnded = (pod: Pod): boolean => lastPhase(pod) !== undefined

/** A pod that is over stays so. */
function lastPhase({ status }: Pod): Phase | undefined {
  return status?.phase === 'Failed' || status?.phase === 'Succeeded' ? status.phase : undefined
}

/**
 * Of a pod of which nothing will run any more: one whose containers never began has failed (kubernetes.io, "Pod Lifecycle: Pod phase"). Whoever counts
 * its end, as a Job does, waits for that.
 */
const endingPhase = (phase: Phase): Phase => (phase === 'Pending' ? 'Failed' : phase)

/** How the containers of a pod are. */
interface Standing {
  inits: readonly ContainerStatus[]
  mains: readonly ContainerStatus[]
  /** The init containers have ended well, and sidecars have started. */
  initialized: boolean
}

function phaseOf(pod: Pod, { inits, mains, initialized }: Standing, facts: StatusFacts): Phase {
  const stays = (container: Container): boolean =>
    !mayRestart(pod, container, begunAttempts(facts, container.name).last)
  const { initContainers = [], containers } = pod.spec
  // A pod has ended when its sidecars have too; how they end does not matter.
  const served = inits.some(({ state }, i) => state?.running && isSidecar(initContainers[i]!))
  const initFailed = inits.some(
    ({ state }, i) =>
      !isSidecar(initContainers[i]!) && (state?.terminated?.exitCode ?? 0) !== 0 && stays(initContainers[i]!),
  )
  if (initFailed) return served ? 'Pending' : 'Failed'
  const begun = mains.every(({ state, lastState }) => state?.running ?? state?.terminated ?? lastState?.terminated)
  // Sidecars come and go beside main containers that have begun.
  if (!initialized && !begun) return 'Pending'
  const ends = mains.map(({ state }) => state?.terminated)
  const over = facts.terminal === true || containers.every(stays)
  if (!served && over && ends.every((end) => end !== undefined)) {
    return ends.every(({ exitCode }) => exitCode === 0) ? 'Succeeded' : 'Failed'
  }
  return begun ? 'Running' : 'Pending'
}
