import type { Pod } from '#types/core/v1'
import { informerFactory, type InformerFactory } from '../../../src-kube/client/informer-factory.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import type { Transport } from '../../../src-kube/client/transport.ts'
import { createClient } from '../../../src-kube/client/typed-client.ts'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import type { Log } from '../../../src-kube/runtime/controller.ts'
import { createSeriesRecorder } from '../../../src-kube/runtime/series-recorder.ts'
import { SchedulerCache } from './cache.ts'
import { DecisionRing, type DecisionLog } from './decisions.ts'
import { isWaitingFor, podInfoOf } from './framework/pod-info.ts'
import { connect } from './intake.ts'
import { informerLookups } from './lookups.ts'
import { SchedulerMetrics } from './metrics.ts'
import { Nominator } from './nominator.ts'
import { defaultPlugins } from './plugins/index.ts'
import { Reporter } from './reporter.ts'
import { Scheduler } from './scheduler.ts'

export type { DecisionLog } from './decisions.ts'

/** What the scheduler works with. */
export interface StartSchedulerOptions {
  /** With the rights of `system:kube-scheduler`. */
  transport: Transport
  /** Shared with others in the process; own ones when absent. */
  informers?: InformerFactory | undefined
  clock: Clock
  signal: AbortSignal
  log: Log
  /** Chooses among equal nodes: 0 ≤ n < 1; `Math.random` when absent. */
  random?: (() => number) | undefined
  /** Counts what it does; nobody reads it when absent. */
  metrics?: SchedulerMetrics | undefined
}

/** The scheduler at work. */
export interface RunningScheduler {
  /** All caches are complete and pods are being scheduled. */
  readonly synced: Promise<void>
  /** No new decisions; resolves when bindings under way have ended. */
  stop(): Promise<void>
  readonly decisions: DecisionLog
}

const SCHEDULER_NAME = 'default-scheduler'

/** Assigns pods to nodes (kubernetes.io, "Kubernetes Scheduler"). Reaches the cluster only through the transport. */
export function startScheduler(options: StartSchedulerOptions): RunningScheduler {
  const { transport, clock, log } = options
  const abort = new AbortController()
  const signal = AbortSignal.any([options.signal, abort.signal])
  const client = createClient(transport)
  const onError = (error: unknown) => log.warn('scheduler informer failed', { error: String(error) })
  const informers = options.informers ?? informerFactory({ client, clock, signal, onError })
  // kube-scheduler's own client has such a bound too: thousands of pods at once are placed first and told of after.
  const bound = { perSecond: 100, burst: 200 }
  const who = { controller: SCHEDULER_NAME, instance: `${SCHEDULER_NAME}-drydock` }
  const events = createSeriesRecorder({ client, clock, signal, log, ...who, ...bound })
  const reporter = new Reporter({ client, clock, log, events })
  const cache = new SchedulerCache(informerLookups(informers))
  const nominator = new Nominator()
  const decisions = new DecisionRing()
  const plugins = defaultPlugins(client)
  const pods = informers.informer(refs.pods)
  const parts = { plugins, cache, nominator, reporter }
  const scheduler = new Scheduler({
    ...parts,
    decisions,
    metrics: options.metrics ?? new SchedulerMetrics(SCHEDULER_NAME),
    clock,
    signal,
    log,
    random: options.random ?? Math.random,
    isWaiting: (key, uid) => isWaiting(pods.get(key), uid),
    latest(key) {
      const pod = pods.get(key)
      return pod && podInfoOf(pod)
    },
  })
  const disconnect = connect({ ...parts, informers, queue: scheduler.queue, schedulerName: SCHEDULER_NAME })
  const synced = informers.synced().then(() => scheduler.open())
  return {
    synced,
    decisions,
    async stop() {
      disconnect()
      reporter.stop()
      const stopped = scheduler.stop()
      abort.abort()
      await stopped
    },
  }
}

const isWaiting = (pod: Pod | undefined, uid: string): boolean =>
  pod?.metadata.uid === uid && isWaitingFor(SCHEDULER_NAME, pod)
