import type { Clock } from '../machinery/clock.ts'
import type { ResourceRef } from '../kinds/descriptor.ts'
import type { ObjectLike } from '../machinery/meta.ts'
import type { BackoffOptions } from './backoff.ts'
import { childController } from './child-controller.ts'
import { createInformer, type Informer } from './informer.ts'
import type { Client, TypedRef } from './typed-client.ts'

/** Informers of whole resources, made on first demand and shared. */
export interface InformerFactory {
  informer<T extends ObjectLike>(ref: TypedRef<T>): Informer<T>
  /** Stops the informer of a resource that is gone (a deleted CRD). */
  drop(ref: ResourceRef): void
  /** Resolves when every informer asked for so far has its first list. */
  synced(): Promise<void>
}

/** What all informers of a factory share. */
export interface InformerFactoryOptions {
  client: Client
  clock: Clock
  signal: AbortSignal
  onError?: ((error: unknown, ref: ResourceRef) => void) | undefined
  backoff?: BackoffOptions | undefined
}

/** Informers run until the signal aborts; each tries for ever, and tells `onError` of every failure. */
export function informerFactory(options: InformerFactoryOptions): InformerFactory {
  const running = new Map<string, { informer: Informer<ObjectLike>; abort: AbortController }>()
  // Asked at every event of every controller.
  const keys = new WeakMap<ResourceRef, string>()
  const keyOf = (ref: ResourceRef): string => {
    let key = keys.get(ref)
    if (key === undefined) keys.set(ref, (key = `${ref.group}/${ref.version}/${ref.resource}`))
    return key
  }
  return {
    informer<T extends ObjectLike>(ref: TypedRef<T>): Informer<T> {
      const known = running.get(keyOf(ref))
      if (known) return known.informer as Informer<T>
      const abort = childController(options.signal)
      const { signal } = abort
      const onError = (error: unknown) => options.onError?.(error, ref)
      const informer = createInformer<T>({ ...options, ref, signal, onError })
      running.set(keyOf(ref), { informer: informer as Informer<ObjectLike>, abort })
      return informer
    },
    drop(ref) {
      running.get(keyOf(ref))?.abort.abort()
      running.delete(keyOf(ref))
    },
    async synced() {
      await Promise.all([...running.values()].map(({ informer }) => informer.synced))
    },
  }
}
