import type { Container, Pod, Probe } from '#types/core/v1'
import type { Clock, Timer } from '../../../src-kube/machinery/clock.ts'
import { childController } from '../../../src-kube/client/child-controller.ts'
import { ProbeError, type ProbeExec, runProbe } from './run-probe.ts'
import { initialState, observe, type ProbeKind } from './threshold.ts'

export type { ProbeKind } from './threshold.ts'
export type { ProbeExec } from './run-probe.ts'

/** How containers are probed, and who hears of it. */
export interface ProberOptions {
  clock: Clock
  signal: AbortSignal
  exec: ProbeExec
  /** The result, after thresholds, has changed; `message` is what the last probe said. */
  onResult(uid: string, result: ProbeResult, message: string): void
  /** One probe failed: the message of an `Unhealthy` event. */
  onUnhealthy(pod: Pod, container: string, kind: ProbeKind, message: string): void
  /** One probe was well, with a reservation: the message of a `ProbeWarning` event. */
  onWarning(pod: Pod, container: string, message: string): void
}

/** What the probes of one kind have found out of a container. */
export interface ProbeResult {
  container: string
  kind: ProbeKind
  ok: boolean
}

/** Asks the containers of this node how they are. */
export interface Prober {
  /** Starts the probes of a container that has just started; those of an earlier run of it end. */
  start(pod: Pod, container: Container, run: ProbedRun): void
  /** Ends the probes of one container or of all of the pod. */
  stop(uid: string, container?: string): void
  /** A pod that ends is asked no more whether it lives, only whether it is ready: its services look at that until it has ended. */
  stopLiveness(uid: string): void
  /** How often the probes of containers that are watched now have been answered, and how. */
  counts(): ProbeCount[]
}

/** How often one probe of a container came to one result. */
export interface ProbeCount {
  pod: Pod
  container: string
  kind: ProbeKind
  result: 'successful' | 'failed' | 'unknown'
  count: number
}

/** One run of a container. */
export interface ProbedRun {
  /** Where its ports are asked. */
  podIp: string
  containerId: string
  /** What was known of it when this agent began. */
  before?: Known | undefined
}

/** What an earlier agent has found out of a container that has gone on running. */
export interface Known {
  ready: boolean
  started: boolean
}

interface Subject {
  pod: Pod
  container: Container
  podIp: string
  /** Whether it counts as ready until its probe says otherwise. */
  ready: boolean
  /** By the monotonic clock: when it was first watched, from which the initial delays of all its probes count. */
  since: number
  counts: ProbeCount[]
}

const titles: Record<ProbeKind, string> = { startup: 'Startup', readiness: 'Readiness', liveness: 'Liveness' }

/** A worker for each probe of each container: the first answer at once after the initial delay, then one every period. */
export function createProber(options: ProberOptions): Prober {
  const running = new Map<string, Running>()

  function start(pod: Pod, container: Container, { podIp, containerId, before }: ProbedRun): void {
    const key = `${pod.metadata.uid}/${container.name}`
    const known = running.get(key)
    if (known?.id === containerId) return
    known?.stop.abort()
    known?.stopLiveness.abort()
    const stop = childController(options.signal)
    const stopLiveness = childController(stop.signal)
    const counts: ProbeCount[] = []
    running.set(key, { id: containerId, stop, stopLiveness, counts })
    const subject = { pod, container, podIp, ready: before?.ready ?? false, since: options.clock.monotonic(), counts }
    const { startupProbe, readinessProbe, livenessProbe } = container
    const others = () => {
      if (readinessProbe) work(options, subject, { kind: 'readiness', probe: readinessProbe, signal: stop.signal })
      if (livenessProbe) work(options, subject, { kind: 'liveness', probe: livenessProbe, signal: stopLiveness.signal })
    }
    if (startupProbe && !before?.started)
      work(options, subject, { kind: 'startup', probe: startupProbe, signal: stopLiveness.signal, started: others })
    else others()
  }

  return {
    start,
    stop(uid, container) {
      for (const [key, one] of running) {
        if (container === undefined ? !key.startsWith(`${uid}/`) : key !== `${uid}/${container}`) continue
        one.stop.abort()
        running.delete(key)
      }
    },
    stopLiveness(uid) {
      for (const [key, one] of running) if (key.startsWith(`${uid}/`)) one.stopLiveness.abort()
    },
    counts: () => [...running.values()].flatMap(({ counts }) => counts),
  }
}

/** The probes of one container. */
interface Running {
  id: string
  stop: AbortController
  stopLiveness: AbortController
  counts: ProbeCount[]
}

function count({ pod, container, counts }: Subject, kind: ProbeKind, result: ProbeCount['result']): void {
  const known = counts.find((one) => one.kind === kind && one.result === result)
  if (known) known.count++
  else counts.push({ pod, container: container.name, kind, result, count: 1 })
}

/** One probe of a container, until the signal. */
interface Work {
  kind: ProbeKind
  probe: Probe
  signal: AbortSignal
  started?: () => void
}

/** Runs one probe; a startup probe ends, and calls `started`, with its first success. */
function work(options: ProberOptions, subject: Subject, { kind, probe, signal, started }: Work): void {
  const { clock, exec, onResult, onUnhealthy, onWarning } = options
  const { pod, container } = subject
  const thresholds = { success: probe.successThreshold ?? 1, failure: probe.failureThreshold ?? 3 }
  const period = (probe.periodSeconds ?? 10) * 1000
  let state = kind === 'readiness' ? { ...initialState(kind), result: subject.ready } : initialState(kind)
  let timer: Timer | undefined

  async function ask(): Promise<void> {
    const began = clock.monotonic()
    const answer = await runProbe(probe, subject, exec).catch(errored)
    if (signal.aborted) return
    count(subject, kind, answer ? (answer.ok ? 'successful' : 'failed') : 'unknown')
    if (!answer) return schedule(period)
    const { ok, message, warning } = answer
    if (warning !== undefined) onWarning(pod, container.name, `${titles[kind]} probe warning: ${warning}`)
    if (!ok) onUnhealthy(pod, container.name, kind, `${titles[kind]} probe failed: ${message}`)
    const next = observe(state, ok, thresholds)
    state = next.state
    if (next.changed) onResult(pod.metadata.uid, { container: container.name, kind, ok }, message)
    if (signal.aborted) return
    if (next.changed && kind !== 'readiness' && !ok) return
    if (next.changed && kind === 'startup') return started?.()
    // Beats of the period since the last beginning: an answer that took longer skips the beats it covered.
    const taken = clock.monotonic() - began
    schedule(period * Math.max(1, Math.ceil(taken / period)) - taken)
  }

  function errored(error: unknown): undefined {
    if (!(error instanceof ProbeError)) throw error
    const words = `${titles[kind]} probe errored and resulted in unknown state: ${error.message}`
    if (!signal.aborted) onUnhealthy(pod, container.name, kind, words)
  }

  function schedule(delay: number): void {
    timer = clock.after(delay, () => void ask())
  }

  if (signal.aborted) return
  signal.addEventListener('abort', () => timer?.cancel(), { once: true })
  schedule(Math.max(0, subject.since + (probe.initialDelaySeconds ?? 0) * 1000 - clock.monotonic()))
}
