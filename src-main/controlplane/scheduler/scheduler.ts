import type { Clock } from '../../../src-kube/machinery/clock.ts'
import type { Log } from '../../../src-kube/runtime/controller.ts'
import { BindingRunner } from './binding.ts'
import type { SchedulerCache } from './cache.ts'
import type { DecisionRing } from './decisions.ts'
import { SchedulingCycle, type Misfit, type Placement } from './framework/cycle.ts'
import { summarise } from './framework/diagnosis.ts'
import type { Plugin, PostFilterResult } from './framework/plugin.ts'
import type { PodInfo } from './framework/pod-info.ts'
import { runPostFilters } from './framework/post-filtering.ts'
import type { SchedulerMetrics } from './metrics.ts'
import type { Nominator } from './nominator.ts'
import { SchedulingQueue, type QueuedPod } from './queue.ts'
import type { Reporter } from './reporter.ts'

/** The parts of the scheduler, made by `index.ts`; it runs until `signal` aborts. */
export interface SchedulerOptions {
  plugins: readonly Plugin[]
  cache: SchedulerCache
  nominator: Nominator
  reporter: Reporter
  decisions: DecisionRing
  metrics: SchedulerMetrics
  clock: Clock
  signal: AbortSignal
  log: Log
  random: () => number
  /** Whether a pod still waits for a node, as far as the informer knows. */
  isWaiting: (key: string, uid: string) => boolean
  /** The pod as the informer knows it. */
  latest: (key: string) => PodInfo | undefined
}

/** Pods that are being bound at once: more would only wait at the API server. */
const MOST_BINDINGS = 128
/** A pause after so many milliseconds of cycles lets requests and timers through. */
const SLICE = 5

/** Takes pods from the queue one by one, finds each a node, counts it there and starts its binding. */
export class Scheduler {
  readonly queue: SchedulingQueue
  readonly #options: SchedulerOptions
  readonly #cycle: SchedulingCycle
  readonly #bindings: BindingRunner
  /** What a pod waits for where there are no nodes. */
  readonly #preFiltering: readonly Plugin[]
  #isOpen = false
  #isPumping = false

  constructor(options: SchedulerOptions) {
    const { plugins, cache, nominator, random, clock } = options
    this.#options = options
    this.#preFiltering = plugins.filter(({ preFilter }) => preFilter)
    const compare = plugins.find(({ queueSort }) => queueSort)?.queueSort ?? ((a, b) => a.since - b.since)
    this.queue = new SchedulingQueue({
      clock,
      compare,
      onReady: () => this.#pump(),
      entered: (part, after) => options.metrics.entered(part, after),
    })
    options.metrics.pending = () => {
      const { counts, gated } = this.queue
      return { ...counts, unschedulable: counts.unschedulable - gated, gated }
    }
    this.#cycle = new SchedulingCycle({
      plugins,
      snapshot: cache,
      random,
      points: options.metrics.points,
      nominated: (name, than) => nominator.on(name, than),
      nominatedNode: (uid) => nominator.nodeOf(uid),
    })
    this.#bindings = new BindingRunner({
      ...options,
      points: options.metrics.points,
      done: (entry, failure) => this.#bound(entry, failure),
      waits: () => this.#pump(),
    })
  }

  /** Starts work; before it pods only gather, so that the first cycle knows every node and pod. */
  open(): void {
    this.#isOpen = true
    this.#pump()
  }

  async stop(): Promise<void> {
    this.#isOpen = false
    this.queue.stop()
    this.#options.metrics.pending = undefined
    await this.#bindings.idle()
  }

  #pump(): void {
    if (!this.#isOpen || this.#isPumping) return
    this.#isPumping = true
    queueMicrotask(() => this.#run())
  }

  #run(): void {
    this.#isPumping = false
    const { clock, signal } = this.#options
    let now = clock.monotonic()
    const end = now + SLICE
    while (this.#isOpen && !signal.aborted && this.#bindings.running < MOST_BINDINGS) {
      const entry = this.queue.pop()
      if (!entry) return
      entry.triedAt = now
      this.#attempt(entry)
      now = clock.monotonic()
      if (now < end) continue
      this.#isPumping = true
      clock.after(0, () => this.#run())
      return
    }
  }

  #attempt(entry: QueuedPod): void {
    const { cache, nominator, reporter, log, clock, metrics } = this.#options
    try {
      const outcome = this.#cycle.run(entry.info)
      if (outcome.kind === 'misfit') return this.#refuse(entry, outcome)
      metrics.found(clock.monotonic() - entry.triedAt)
      this.#record(entry, outcome, undefined)
      cache.assume(entry.info, outcome.nodeName)
      nominator.delete(entry.info.uid)
      reporter.settled(entry.info.uid)
      this.#bindings.start(entry, outcome.nodeName)
    } catch (error) {
      log.error('scheduling cycle failed', { pod: entry.key, error: String(error) })
      metrics.attempted('error', clock.monotonic() - entry.triedAt)
      reporter.failed(entry.info, 'SchedulerError', String(error))
      this.queue.giveBack(entry, [])
    }
  }

  #refuse(entry: QueuedPod, misfit: Misfit): void {
    const { plugins, cache, nominator, reporter, clock, metrics } = this.#options
    const { info } = entry
    const total = cache.nodes.length
    const makeRoom = () => runPostFilters(plugins, info, misfit, cache, (work) => void this.#act(work))
    const hasNone = ({ nominatedNodeName }: PostFilterResult) => nominatedNodeName === undefined
    const plan = total ? metrics.points.time('PostFilter', makeRoom, hasNone) : {}
    const why = misfit.rejected
      ? `0/${total} nodes are available: ${misfit.rejected}.`
      : summarise(total, misfit.failures.values())
    if (total) metrics.preempted(plan.victims?.length ?? 0)
    const after = plan.message ? ` ${plan.message}` : ''
    const message = total ? why + after : 'no nodes available to schedule pods'
    this.#record(entry, misfit, message)
    const target = plan.nominatedNodeName
    if (target) {
      for (const lower of nominator.lower(target, info.priority)) {
        nominator.delete(lower.uid)
        void reporter.clearNomination(lower)
      }
      nominator.set(info, target)
      for (const victim of plan.victims ?? []) void reporter.preempt(victim, info, target)
    }
    if (plan.clearsNomination) nominator.delete(info.uid)
    const rejectedBy = total ? [...misfit.rejectedBy] : this.#preFiltering
    metrics.attempted('unschedulable', clock.monotonic() - entry.triedAt)
    this.queue.giveBack(entry, rejectedBy)
    reporter.failed(info, 'Unschedulable', message, plan.clearsNomination ? '' : target)
  }

  async #act(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#options.log.warn('scheduler could not make room', { error: String(error) })
    }
  }

  #bound(entry: QueuedPod, failure: Error | undefined): void {
    const { cache, reporter, isWaiting, clock, metrics } = this.#options
    metrics.attempted(failure ? 'error' : 'scheduled', clock.monotonic() - entry.triedAt)
    if (failure === undefined) metrics.bound(entry.attempts, clock.now() - entry.since)
    if (failure !== undefined) {
      const { info } = entry
      cache.forget(info.uid)
      this.queue.notice({ resource: 'pod', action: 'delete', pod: info.pod })
      if (isWaiting(info.key, info.uid) && !this.queue.has(info.key)) {
        // What was written of it while it was being bound counts at the next attempt.
        entry.info = this.#options.latest(info.key) ?? info
        reporter.failed(info, 'SchedulerError', failure.message)
        this.queue.giveBack(entry, [])
      }
    }
    this.#pump()
  }

  #record(entry: QueuedPod, outcome: Placement | Misfit, message: string | undefined): void {
    const placed = outcome.kind === 'placed'
    this.#options.decisions.record({
      pod: entry.key,
      uid: entry.info.uid,
      time: this.#options.clock.now(),
      attempt: entry.attempts,
      nodeName: placed ? outcome.nodeName : undefined,
      message,
      refused: outcome.failures,
      feasible: placed ? outcome.feasible : [],
      scores: placed ? outcome.scores?.byPlugin : undefined,
    })
  }
}
