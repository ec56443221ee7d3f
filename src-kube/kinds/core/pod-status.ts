import type { ContainerState, ContainerStatus, Pod } from '#types/core/v1'
import { humanDuration } from '../../machinery/duration.ts'
import { parseTime } from '../../machinery/time.ts'

/** What `kubectl get pods` says of a pod, in kube-apiserver's words (reference: printers, `printPod`). */
export interface PodSummary {
  /** Containers that are ready, sidecars included. */
  ready: number
  /** Containers there are, sidecars included. */
  total: number
  /** `Running`, `Init:0/1`, `CrashLoopBackOff`, `Terminating`, … */
  status: string
  /** `0`, or `2 (5m ago)`. */
  restarts: string
}

interface Tally {
  count: number
  last: number | undefined
}

/** The columns STATUS, READY and RESTARTS of a pod, as `kubectl get pods` prints them; `now` in milliseconds since the epoch. */
export function summarisePod(pod: Pod, now: number): PodSummary {
  const sidecars = new Set(
    (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always').map((c) => c.name),
  )
  const init = summariseInit(pod, sidecars)
  let { reason, ready } = init
  let restarts = init.restarts
  if (!init.initializing || conditionIsTrue(pod, 'Initialized')) {
    const main = summariseMain(pod, reason, init.sidecarRestarts)
    reason = main.reason
    ready += main.ready
    restarts = main.restarts
  }
  return {
    ready,
    total: (pod.spec.containers ?? []).length + sidecars.size,
    status: whenDeleted(pod, reason),
    restarts:
      restarts.count > 0 && restarts.last !== undefined
        ? `${restarts.count} (${humanDuration(now - restarts.last)} ago)`
        : String(restarts.count),
  }
}

function baseReason(pod: Pod): string {
  const gated = pod.status?.conditions?.some((c) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated')
  if (gated) return 'SchedulingGated'
  return pod.status?.reason || pod.status?.phase || ''
}

function summariseInit(pod: Pod, sidecars: ReadonlySet<string>) {
  const restarts: Tally = { count: 0, last: undefined }
  const sidecarRestarts: Tally = { count: 0, last: undefined }
  let ready = 0
  let reason = baseReason(pod)
  for (const [i, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    count(restarts, status)
    const sidecar = sidecars.has(status.name)
    if (sidecar) count(sidecarRestarts, status)
    if (status.state?.terminated?.exitCode === 0) continue
    if (sidecar && status.started) {
      if (status.ready) ready++
      continue
    }
    reason = `Init:${initWord(status.state, i, (pod.spec.initContainers ?? []).length)}`
    return { restarts, sidecarRestarts, ready, reason, initializing: true }
  }
  return { restarts, sidecarRestarts, ready, reason, initializing: false }
}

function initWord(state: ContainerState | undefined, index: number, total: number): string {
  if (state?.terminated) return terminatedWord(state)
  const waiting = state?.waiting?.reason
  return waiting && waiting !== 'PodInitializing' ? waiting : `${index}/${total}`
}

function terminatedWord(state: ContainerState): string {
  const { reason, signal, exitCode = 0 } = state.terminated ?? {}
  return reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`)
}

function summariseMain(pod: Pod, before: string, restarts: Tally) {
  let reason = before
  let ready = 0
  let running = false
  for (const status of (pod.status?.containerStatuses ?? []).toReversed()) {
    count(restarts, status)
    if (status.state?.waiting?.reason) reason = status.state.waiting.reason
    else if (status.state?.terminated) reason = terminatedWord(status.state)
    else if (status.ready && status.state?.running) {
      running = true
      ready++
    }
  }
  if (reason === 'Completed' && running) reason = conditionIsTrue(pod, 'Ready') ? 'Running' : 'NotReady'
  return { reason, ready, restarts }
}

function whenDeleted(pod: Pod, reason: string): string {
  if (!pod.metadata.deletionTimestamp) return reason
  if (pod.status?.reason === 'NodeLost') return 'Unknown'
  const ended = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
  return ended ? reason : 'Terminating'
}

function count(tally: Tally, status: ContainerStatus): void {
  tally.count += status.restartCount ?? 0
  const finished = parseTime(status.lastState?.terminated?.finishedAt)
  if (finished !== undefined && (tally.last === undefined || finished > tally.last)) tally.last = finished
}

function conditionIsTrue(pod: Pod, type: string): boolean {
  return pod.status?.conditions?.some((c) => c.type === type && c.status === 'True') ?? false
}
