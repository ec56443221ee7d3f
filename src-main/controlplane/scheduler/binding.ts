import type { Clock } from '../../../src-kube/machinery/clock.ts'
import type { Log } from '../../../src-kube/runtime/controller.ts'
import type { SchedulerCache } from './cache.ts'
import type { ExtensionPoints } from './framework/extension-points.ts'
import type { BindingContext, Plugin } from './framework/plugin.ts'
import type { QueuedPod } from './queue.ts'
import type { Reporter } from './reporter.ts'

/** What happens to a pod once its node is chosen: reserve, permit, pre-bind and bind (KEP-624), beside the search for other pods' nodes. */
export interface BindingRunnerOptions {
  plugins: readonly Plugin[]
  cache: SchedulerCache
  reporter: Reporter
  clock: Clock
  signal: AbortSignal
  log: Log
  /** Counts how long plugins take. */
  points: ExtensionPoints
  /** Whether a pod still waits for a node, as far as the informer knows. */
  isWaiting: (key: string, uid: string) => boolean
  /** Hears the end of every binding; `failure` is undefined when the pod is bound. */
  done: (entry: QueuedPod, failure: Error | undefined) => void
  /** Hears that a binding waits for others, and so counts among those that run no more. */
  waits: () => void
}

/** Reserve, Permit, PreBind, Bind and PostBind for pods that are assumed, beside the scheduling cycles. */
export class BindingRunner {
  readonly #options: BindingRunnerOptions
  readonly #running = new Set<Promise<void>>()
  /** How many of them wait for others. */
  #waiting = 0

  constructor(options: BindingRunnerOptions) {
    this.#options = options
  }

  /** Bindings that have something to do themselves. */
  get running(): number {
    return this.#running.size - this.#waiting
  }

  start(entry: QueuedPod, nodeName: string): void {
    let waiting = false
    const waits = (): void => {
      if (waiting) return
      waiting = true
      this.#waiting++
      this.#options.waits()
    }
    const work: Promise<void> = this.#bind(entry, nodeName, waits).then((failure) => {
      this.#running.delete(work)
      if (waiting) this.#waiting--
      this.#options.done(entry, failure)
    })
    this.#running.add(work)
  }

  /** Resolves when no binding runs any more. */
  async idle(): Promise<void> {
    while (this.#running.size) await Promise.all(this.#running)
  }

  async #bind(entry: QueuedPod, nodeName: string, waits: () => void): Promise<Error | undefined> {
    const { plugins, cache, reporter, clock, signal, log, isWaiting, points } = this.#options
    const pod = entry.info
    const gone = (): boolean => !isWaiting(pod.key, pod.uid)
    const context: BindingContext = { pod, nodeName, lookups: cache.lookups, clock, signal, waits, gone }
    const undo: Array<() => void> = []
    try {
      points.time('Reserve', () => {
        for (const plugin of plugins) {
          const release = plugin.reserve?.(context)
          if (release) undo.push(release)
        }
      })
      await points.wait('Permit', async () => {
        for (const plugin of plugins) if (plugin.permit) await plugin.permit(context)
      })
      if (plugins.some((plugin) => plugin.preBindPreFlight?.(context))) await reporter.expected(pod, nodeName)
      await points.wait('PreBind', async () => {
        for (const plugin of plugins) if (plugin.preBind) await plugin.preBind(context)
      })
      await points.wait('Bind', async () => plugins.find((plugin) => plugin.bind)?.bind?.(context))
      reporter.scheduled(entry.info, nodeName)
      points.time('PostBind', () => plugins.forEach((plugin) => plugin.postBind?.(context)))
      return undefined
    } catch (error) {
      for (const release of undo.reverse()) release()
      if (!signal.aborted) log.warn('binding failed', { pod: entry.key, node: nodeName, error: String(error) })
      return error instanceof Error ? error : new Error('binding failed', { cause: error })
    }
  }
}
