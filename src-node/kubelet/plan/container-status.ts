import type { Container, ContainerState, ContainerStateTerminated, ContainerStatus, Pod } from '#types/core/v1'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import { endOf, initEndOf, lastStateBefore, lastStateOf, notFound, restartsOf } from './lost.ts'
import { attemptsOf, type Observed } from './observed.ts'
import { isSidecar } from './restart.ts'
import { mountStatuses } from './mount-status.ts'

/** Why a container that should run does not (yet). */
export interface Waiting {
  reason: string
  message?: string | undefined
}

/** What is known of a pod's containers besides what its API object says. */
export interface ContainerFacts {
  observed: readonly Observed[]
  /** By container name. */
  waiting: ReadonlyMap<string, Waiting>
  /** By container name the attempt that is being started: it does not count before its postStart hook is over. */
  starting: ReadonlyMap<string, number>
  /** Containers whose readiness probe (or lack of one) says ready, and whose startup probe has passed. */
  ready: ReadonlySet<string>
  started: ReadonlySet<string>
  /** Containers that run with other resources than the pod has been given. */
  unfinished?: ReadonlySet<string> | undefined
  /** How the devices of a container are; absent where there are none. */
  allocated?(container: Container): ContainerStatus['allocatedResourcesStatus']
  /** Whether the kubelet has ended the pod itself. */
  failure?: object | undefined
  /** Nothing of the pod will start any more, whatever its policies: it has ended, or is being deleted and nothing of it runs. */
  terminal?: boolean | undefined
}

/** In which of the pod's lists a container stands. */
export type ContainerKind = 'init' | 'main' | 'ephemeral'

/** What a status says of one container (kubernetes.io, "Pod Lifecycle: Container states"). Pure. */
export function containerStatus(
  pod: Pod,
  container: Container,
  kind: ContainerKind,
  facts: ContainerFacts,
): ContainerStatus {
  const { name } = container
  const { last, previous } = begunAttempts(facts, name)
  const running = last?.state === 'running'
  const ended = last?.state === 'exited' ? last : undefined
  const runsToEnd = kind === 'init' && !isSidecar(container)
  const state = running
    ? { running: { startedAt: seconds(last.startedAt) } }
    : (lostState(pod, name, { ...facts, kind, runsToEnd, last }) ?? notRunning(pod, facts.waiting.get(name), ended))
  const lastEnd = 'terminated' in state ? previous : (ended ?? previous)
  const ready = running && !runsToEnd && kind !== 'ephemeral' && facts.ready.has(name)
  return {
    name,
    state,
    lastState: lastStateAmong(pod, name, { last, lastEnd, over: 'terminated' in state }),
    ready: ready || (runsToEnd && 'terminated' in state && state.terminated.exitCode === 0),
    restartCount: last?.attempt ?? restartsOf(pod, name, { over: 'terminated' in state }),
    image: container.image ?? '',
    imageID: imageIdOf(last),
    ...(last ? { containerID: `docker://${last.id}` } : {}),
    // What is not probed has started when it runs; of a container for debugging nobody asks.
    ...(kind === 'ephemeral' ? {} : { started: running && (runsToEnd || facts.started.has(name)) }),
    ...(kind === 'ephemeral' ? {} : resourcesOf(pod, container, facts)),
    ...mountStatuses(container),
    ...(kind === 'main' ? allocatedOf(facts.allocated?.(container)) : {}),
    ...(last?.user ? { user: { linux: last.user } } : {}),
  }
}

/** Of the devices of main containers alone upstream tells (KEP-4680). */
const allocatedOf = (status: ContainerStatus['allocatedResourcesStatus']) =>
  status ? { allocatedResourcesStatus: status } : {}

/** The attempts that count: one that is still being started is not told of, so that a status is not sent for each of its steps. */
export function begunAttempts(
  { observed, starting }: Pick<ContainerFacts, 'observed' | 'starting'>,
  name: string,
): ReturnType<typeof attemptsOf> {
  const all = attemptsOf(observed, name)
  if (!all.last || all.last.attempt !== starting.get(name)) return all
  const begun = observed.filter((one) => one !== all.last)
  return attemptsOf(begun, name)
}

interface Attempts {
  last: Observed | undefined
  lastEnd: Observed | undefined
  /** The container has ended, which its state tells. */
  over: boolean
}

/** From what the engine still has of earlier attempts, or else from what was told of them. */
function lastStateAmong(pod: Pod, name: string, { last, lastEnd, over }: Attempts): ContainerState {
  if (lastEnd?.state === 'exited') return { terminated: terminated(lastEnd) }
  if (!last) return lastStateOf(pod, name, { over })
  return last.attempt > 0 ? lastStateBefore(pod, name, `docker://${last.id}`) : {}
}

/** How a container that is gone has ended; undefined when that cannot be known. It is known when the container had to end, or its pod has ended. */
function lostState(
  pod: Pod,
  name: string,
  { observed, failure, terminal, kind, runsToEnd, last }: LostFacts,
): { terminated: ContainerStateTerminated } | undefined {
  if (last) return undefined
  const end = endOf(pod, name)
  if (end) return { terminated: end }
  const begun = pod.spec.containers.some((main) => attemptsOf(observed, main.name).last)
  if (runsToEnd) return begun ? { terminated: initEndOf(pod, name) } : undefined
  const over = failure !== undefined || terminal === true
  return over && kind === 'main' && (begun || isInitialized(pod, observed)) ? { terminated: notFound } : undefined
}

/** Whether all that runs before the main containers has, by what is left of it. */
const isInitialized = ({ spec: { initContainers = [] } }: Pod, observed: readonly Observed[]): boolean =>
  initContainers.every((init) => {
    const { last } = attemptsOf(observed, init.name)
    return isSidecar(init) ? last !== undefined : last?.state === 'exited' && last.exitCode === 0
  })

interface LostFacts extends Pick<ContainerFacts, 'observed' | 'failure' | 'terminal'> {
  kind: ContainerKind
  runsToEnd: boolean
  last: Observed | undefined
}

/** An image that came from a registry is told by its digest there, by which it can be had again; any other by its id. */
function imageIdOf(last: Observed | undefined): string {
  if (!last) return ''
  return last.imageDigest ? `docker-pullable://${last.imageDigest}` : `docker://${last.imageId}`
}

/** What a container has been given, and what it runs with. */
function resourcesOf({ status }: Pod, { name, resources = {} }: Container, { unfinished }: ContainerFacts) {
  const { requests, limits } = resources
  const said = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
  const before = unfinished?.has(name) ? said.find((one) => one.name === name)?.resources : undefined
  return {
    ...(requests ? { allocatedResources: requests } : {}),
    resources: before ?? { ...(limits ? { limits } : {}), ...(requests ? { requests } : {}) },
  }
}

/** One that ended and waits to start again shows why it waits; how it ended is its last state then. */
function notRunning(pod: Pod, waiting: Waiting | undefined, ended: Observed | undefined) {
  if (waiting) return { waiting: { reason: waiting.reason, ...(waiting.message ? { message: waiting.message } : {}) } }
  if (ended) return { terminated: terminated(ended) }
  return { waiting: { reason: pod.spec.initContainers?.length ? 'PodInitializing' : 'ContainerCreating' } }
}

const seconds = (time: string | undefined): string | undefined => (time ? formatTime(Date.parse(time)) : undefined)

const EPOCH = '1970-01-01T00:00:00Z'
/** Of what could not be started at all. */
const START_ERROR = 128

function terminated(observed: Observed): ContainerStateTerminated {
  const message = [observed.error, observed.message].filter(Boolean).join(': ')
  const ends = { finishedAt: seconds(observed.finishedAt), containerID: `docker://${observed.id}` }
  const words = message ? { message } : {}
  if (!observed.startedAt && observed.error !== '') {
    return { exitCode: START_ERROR, reason: 'StartError', ...words, startedAt: EPOCH, ...ends }
  }
  const done = observed.exitCode === 0 ? 'Completed' : 'Error'
  // Of a pod that has used up its memory the first version of control groups tells so to all containers, also to those that were spared.
  const reason = observed.oomKilled && observed.exitCode !== 0 ? 'OOMKilled' : done
  return { exitCode: observed.exitCode, reason, ...words, startedAt: seconds(observed.startedAt), ...ends }
}
