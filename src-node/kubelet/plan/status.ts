import type { Container, ContainerStatus, Pod, PodCondition, PodStatus } from '#types/core/v1'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import { limitMessages } from './message-limit.ts'
import { SANDBOX } from './naming.ts'
import { attemptsOf, type Observed } from './observed.ts'

/** Why a container that should run does not (yet). */
export interface Waiting {
  reason: string
  message?: string | undefined
}

export interface StatusFacts {
  observed: readonly Observed[]
  /** By container name. */
  waiting: ReadonlyMap<string, Waiting>
  /** Containers whose readiness probe (or lack of one) says ready, and whose startup probe has passed. */
  ready: ReadonlySet<string>
  started: ReadonlySet<string>
  podIp: string
  hostIp: string
  now: number
  /** Set when the kubelet ended the pod itself. */
  failure?: { reason: string; message: string } | undefined
}

export const isSidecar = (container: Container): boolean =>
  (container as { restartPolicy?: string }).restartPolicy === 'Always'

/** The status of a pod as its node sees it (kubernetes.io, "Pod Lifecycle"). Pure. */
export function podStatus(pod: Pod, facts: StatusFacts): PodStatus {
  const inits = (pod.spec.initContainers ?? []).map((container) => containerStatus(container, facts, true))
  const mains = pod.spec.containers.map((container) => containerStatus(container, facts, false))
  const initialized = inits.every((status, i) =>
    isSidecar(pod.spec.initContainers![i]!) ? status.started === true : status.state?.terminated?.exitCode === 0,
  )
  const phase = phaseOf(pod, inits, mains, initialized, facts)
  const sandbox = attemptsOf(facts.observed, SANDBOX).last
  return {
    ...(facts.failure ? { reason: facts.failure.reason, message: facts.failure.message } : {}),
    observedGeneration: pod.metadata.generation,
    phase,
    qosClass: pod.status?.qosClass,
    conditions: conditionsOf(pod, { phase, initialized, inits, mains, sandbox: sandbox?.state === 'running' }, facts),
    hostIP: facts.hostIp,
    hostIPs: [{ ip: facts.hostIp }],
    ...(facts.podIp ? { podIP: facts.podIp, podIPs: [{ ip: facts.podIp }] } : {}),
    startTime: pod.status?.startTime ?? formatTime(facts.now),
    ...(inits.length > 0 ? { initContainerStatuses: limitMessages(pod, inits) } : {}),
    containerStatuses: limitMessages(pod, mains),
  }
}

function containerStatus(container: Container, facts: StatusFacts, init: boolean): ContainerStatus {
  const { last, previous } = attemptsOf(facts.observed, container.name)
  const waiting = facts.waiting.get(container.name)
  const running = last?.state === 'running'
  // A container that ended and waits to start again shows why it waits; how it ended moves to the last state.
  const ended = last?.state === 'exited' ? last : undefined
  const state = running
    ? { running: { startedAt: seconds(last.startedAt) } }
    : waiting
      ? { waiting: { reason: waiting.reason, ...(waiting.message ? { message: waiting.message } : {}) } }
      : ended
        ? { terminated: terminated(ended) }
        : { waiting: { reason: init ? 'PodInitializing' : 'ContainerCreating' } }
  const lastEnd = 'terminated' in state ? previous : (ended ?? previous)
  const done = init && !isSidecar(container) && ended?.exitCode === 0
  return {
    name: container.name,
    state,
    lastState: lastEnd?.state === 'exited' ? { terminated: terminated(lastEnd) } : {},
    ready: done || (running && (init && !isSidecar(container) ? false : facts.ready.has(container.name))),
    restartCount: last?.attempt ?? 0,
    image: container.image ?? '',
    imageID: last ? `docker://${last.imageId}` : '',
    ...(last ? { containerID: `docker://${last.id}` } : {}),
    started: running && (init && !isSidecar(container) ? false : facts.started.has(container.name)),
  }
}

const seconds = (time: string | undefined): string | undefined => (time ? formatTime(Date.parse(time)) : undefined)

function terminated(observed: Observed) {
  const neverStarted = !observed.startedAt && observed.error !== ''
  const message = [observed.error, observed.message].filter(Boolean).join(': ')
  return {
    exitCode: observed.exitCode,
    reason: neverStarted
      ? 'ContainerCannotRun'
      : observed.oomKilled
        ? 'OOMKilled'
        : observed.exitCode === 0
          ? 'Completed'
          : 'Error',
    ...(message ? { message } : {}),
    startedAt: seconds(observed.startedAt),
    finishedAt: seconds(observed.finishedAt),
    containerID: `docker://${observed.id}`,
  }
}

type Phase = NonNullable<PodStatus['phase']>

function phaseOf(
  pod: Pod,
  inits: ContainerStatus[],
  mains: ContainerStatus[],
  initialized: boolean,
  facts: StatusFacts,
): Phase {
  if (facts.failure) return 'Failed'
  const policy = pod.spec.restartPolicy ?? 'Always'
  const initFailed = inits.some(
    (status, i) => !isSidecar(pod.spec.initContainers![i]!) && (status.state?.terminated?.exitCode ?? 0) !== 0,
  )
  if (initFailed && policy === 'Never') return 'Failed'
  if (!initialized) return 'Pending'
  const ends = mains.map((status) => status.state?.terminated)
  if (ends.every((end) => end !== undefined) && policy !== 'Always') {
    if (ends.every((end) => end!.exitCode === 0)) return 'Succeeded'
    if (policy === 'Never') return 'Failed'
    return 'Running'
  }
  const begun = mains.every(
    (status) => status.state?.running ?? status.state?.terminated ?? status.lastState?.terminated,
  )
  return begun ? 'Running' : 'Pending'
}

interface Progress {
  phase: Phase
  initialized: boolean
  inits: ContainerStatus[]
  mains: ContainerStatus[]
  sandbox: boolean
}

function conditionsOf(pod: Pod, progress: Progress, facts: StatusFacts): PodCondition[] {
  const { phase, initialized, mains, inits, sandbox } = progress
  const over = phase === 'Succeeded' || phase === 'Failed'
  const unready = mains.filter((status) => !status.ready).map((status) => status.name)
  const unfinished = inits.filter((status) => !status.ready).map((status) => status.name)
  const containersReady = !over && initialized && unready.length === 0
  const gates = (pod.spec.readinessGates ?? []).filter(
    (gate) => !pod.status?.conditions?.some((c) => c.type === gate.conditionType && c.status === 'True'),
  )
  const notReady = over
    ? { reason: phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed' }
    : { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` }
  const gated = {
    reason: 'ReadinessGatesNotReady',
    message: `corresponding condition of pod readiness gate ${JSON.stringify(gates[0]?.conditionType)} does not exist.`,
  }
  const wanted: Array<Pick<PodCondition, 'type' | 'status'> & { reason?: string; message?: string }> = [
    { type: 'PodReadyToStartContainers', status: sandbox ? 'True' : 'False' },
    initialized || over
      ? { type: 'Initialized', status: 'True', ...(phase === 'Succeeded' ? { reason: 'PodCompleted' } : {}) }
      : {
          type: 'Initialized',
          status: 'False',
          reason: 'ContainersNotInitialized',
          message: `containers with incomplete status: [${unfinished.join(' ')}]`,
        },
    containersReady && gates.length === 0
      ? { type: 'Ready', status: 'True' }
      : { type: 'Ready', status: 'False', ...(containersReady ? gated : notReady) },
    containersReady
      ? { type: 'ContainersReady', status: 'True' }
      : { type: 'ContainersReady', status: 'False', ...notReady },
  ]
  const before = pod.status?.conditions ?? []
  const own = wanted.map((condition): PodCondition => {
    const old = before.find((c) => c.type === condition.type)
    const same = old?.status === condition.status
    return {
      ...condition,
      observedGeneration: pod.metadata.generation,
      lastProbeTime: undefined,
      lastTransitionTime: same && old.lastTransitionTime ? old.lastTransitionTime : formatTime(facts.now),
    }
  })
  return [...before.filter((condition) => !own.some((c) => c.type === condition.type)), ...own]
}
