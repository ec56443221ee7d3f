import type { Informer } from '../client/informer.ts'
import type { InformerFactory } from '../client/informer-factory.ts'
import type { Client, TypedRef } from '../client/typed-client.ts'
import type { Clock } from '../machinery/clock.ts'
import { isConflict, isNotFound } from '../machinery/errors.ts'
import { parseApiVersion } from '../machinery/gvk.ts'
import { controllerOf, objectKey, type ObjectLike } from '../machinery/meta.ts'
import type { AnyController, ControllerContext, Log } from './controller.ts'
import { createEventRecorder } from './events.ts'
import type { WorkQueueMetrics } from './queue-metrics.ts'
import { createRateLimiter } from './rate-limiter.ts'
import { WorkQueue } from './work-queue.ts'

/** What all controllers of a process share. */
export interface ManagerOptions {
  client: Client
  informers: InformerFactory
  clock: Clock
  signal: AbortSignal
  log: Log
  /** Counts what queues do; nobody does when absent. */
  queues?: WorkQueueMetrics | undefined
}

/** A controller at work. */
export interface RunningController {
  readonly name: string
  /** Its caches are complete and work has begun. */
  readonly synced: Promise<void>
  /** Takes no new work and resolves when the current work has ended. */
  stop(): Promise<void>
}

/** Starts one controller: set-up, handlers, wait for its caches, then its queue. */
export function runController(definition: AnyController, options: ManagerOptions): RunningController {
  const { client, informers, clock, signal, log } = options
  const needed = new Set<Informer<ObjectLike>>()
  const component = definition.component ?? definition.name
  const events = createEventRecorder({ client, clock, signal, component, log })
  const ctx: ControllerContext = {
    client,
    clock,
    signal,
    log,
    events,
    informer<T extends ObjectLike>(ref: TypedRef<T>) {
      const informer = informers.informer(ref)
      needed.add(informer as Informer<ObjectLike>)
      return informer
    },
    enqueue: (key) => queue.add(key),
    enqueueAfter: (key, milliseconds) => queue.addAfter(key, milliseconds),
  }
  const primary = ctx.informer(definition.for)
  const queue: WorkQueue = new WorkQueue({
    clock,
    workers: definition.workers ?? 4,
    limiter: createRateLimiter({ clock, max: definition.longestBackoff ?? 1_000_000 }),
    handle: (key) => reconcileOne(definition, ctx, { primary, queue }, key),
    metrics: options.queues?.of(queueName(definition.name)),
  })
  definition.setup?.(ctx)
  connect(definition, ctx, primary)
  const synced = (async () => {
    await Promise.all([...needed].map((informer) => informer.synced))
    if (signal.aborted) return
    definition.synced?.(ctx)
    queue.start()
  })()
  return { name: definition.name, synced, stop: () => queue.stop() }
}

/** As upstream names the queue of a controller: `deployment` of `deployment-controller`. */
const queueName = (controller: string): string => controller.replace(/-controller$/, '').replaceAll('-', '_')

async function reconcileOne(
  definition: AnyController,
  ctx: ControllerContext,
  { primary, queue }: { primary: Informer<ObjectLike>; queue: WorkQueue },
  key: string,
): Promise<void> {
  if (ctx.signal.aborted) return
  try {
    const object = primary.get(key)
    const result = object ? await definition.reconcile(ctx, object, key) : await definition.gone?.(ctx, key)
    queue.forget(key)
    if (result?.requeueAfter !== undefined) queue.addAfter(key, result.requeueAfter)
  } catch (error) {
    if (ctx.signal.aborted) return
    if (!isConflict(error) && !isNotFound(error)) {
      const facts = { controller: definition.name, key, error: String(error), retries: queue.failures(key) }
      ctx.log.warn('reconciliation failed', facts)
    }
    queue.addRateLimited(key)
  }
}

function connect(definition: AnyController, ctx: ControllerContext, primary: Informer<ObjectLike>): void {
  const enqueue = (object: ObjectLike) => ctx.enqueue(objectKey(object))
  const look = (object: ObjectLike) => {
    if (definition.concerns?.(object, ctx) ?? true) enqueue(object)
  }
  primary.on({ add: look, update: look, delete: enqueue })
  const { group } = definition.for
  const ownerKey = (object: ObjectLike): string | undefined => {
    const owner = controllerOf(object)
    if (owner?.kind !== definition.for.kind || parseApiVersion(owner.apiVersion).group !== group) return undefined
    return objectKey({ metadata: { name: owner.name, namespace: object.metadata.namespace } })
  }
  for (const ref of definition.owns ?? []) {
    const touch = (object: ObjectLike) => {
      const key = ownerKey(object)
      if (key) ctx.enqueue(key)
    }
    ctx.informer(ref).on({
      add: touch,
      delete: touch,
      update(object, old) {
        touch(object)
        if (ownerKey(old) !== ownerKey(object)) touch(old)
      },
    })
  }
  for (const { ref, keys } of definition.watches ?? []) {
    const touch = (object: ObjectLike, old?: ObjectLike) => {
      for (const key of keys(object, ctx, old)) ctx.enqueue(key)
    }
    ctx.informer(ref).on({ add: touch, update: touch, delete: touch })
  }
}
