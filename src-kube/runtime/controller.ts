import type { Client, TypedRef } from '../client/typed-client.ts'
import type { Informer } from '../client/informer.ts'
import type { Clock } from '../machinery/clock.ts'
import type { ObjectLike } from '../machinery/meta.ts'
import type { EventRecorder } from './events.ts'

/** What the runtime does with a key after a reconciliation that did not throw. */
export interface ReconcileResult {
  requeueAfter?: number
}

/** The desired state is reached; the key is heard of again when something changes. */
export const done: ReconcileResult = Object.freeze({})

/** Runs the key again after so many milliseconds even when nothing changes. */
export function requeueAfter(milliseconds: number): ReconcileResult {
  return { requeueAfter: milliseconds }
}

/** Where a controller writes; `facts` stand beside the message as fields. */
export interface Log {
  info(message: string, facts?: Record<string, unknown>): void
  warn(message: string, facts?: Record<string, unknown>): void
  error(message: string, facts?: Record<string, unknown>): void
}

/** What a controller works with. Everything a reconciliation reads comes from informers, everything it writes goes through the client. */
export interface ControllerContext {
  readonly client: Client
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly log: Log
  readonly events: EventRecorder
  /** The shared informer of a resource; during `setup` it is also waited for before the first reconciliation. */
  informer<T extends ObjectLike>(ref: TypedRef<T>): Informer<T>
  enqueue(key: string): void
  enqueueAfter(key: string, milliseconds: number): void
}

/** Another resource whose changes concern objects of this controller. */
export interface Watched {
  ref: TypedRef<ObjectLike>
  /** Keys to reconcile for a change; `old` on updates. Called for both states when the mapping may have changed. */
  keys: (object: ObjectLike, ctx: ControllerContext, old?: ObjectLike) => Iterable<string>
}

/** Ties a typed mapping to its resource. */
export function watching<T extends ObjectLike>(
  ref: TypedRef<T>,
  keys: (object: T, ctx: ControllerContext, old?: T) => Iterable<string>,
): Watched {
  return { ref, keys: keys as Watched['keys'] }
}

/**
 * A control loop. Level-triggered: `reconcile` compares what is wanted with what is, whatever changed. One key never runs twice
 * at once. Throwing means retry with back-off; a conflict or an object gone meanwhile is nothing to report.
 */
export interface ControllerDefinition<T extends ObjectLike> {
  name: string
  /** Source component of its events; the name when absent. */
  component?: string | undefined
  for: TypedRef<T>
  /** Whether an object that came or changed needs a look; all do when absent. Deletions always reach `gone`. */
  concerns?(object: T, ctx: ControllerContext): boolean
  /** Resources whose controller reference may name an object of `for`. */
  owns?: ReadonlyArray<TypedRef<ObjectLike>>
  watches?: readonly Watched[]
  /** Keys worked on at the same time; 4 when absent. */
  workers?: number
  /** Longest wait of a key that keeps failing, in milliseconds; 1,000,000 when absent, as of most of Kubernetes' controllers. */
  longestBackoff?: number
  /** Before any event arrives: add indexes and handlers, set timers. */
  setup?(ctx: ControllerContext): void
  /** After the caches are complete, before the first reconciliation. */
  synced?(ctx: ControllerContext): void
  reconcile(ctx: ControllerContext, object: T, key: string): Promise<ReconcileResult>
  /** The object is not (or no longer) there. */
  gone?(ctx: ControllerContext, key: string): Promise<void>
}

/** A definition whose kind does not matter to the holder. */
export type AnyController = ControllerDefinition<ObjectLike>

/** Checks a definition's shape at compile time and lets tables hold controllers of different kinds. */
export function defineController<T extends ObjectLike>(definition: ControllerDefinition<T>): AnyController {
  return definition as AnyController
}
