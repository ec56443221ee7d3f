import type { ConfigMap, Secret } from '#types/core/v1'
import { childController } from '../../../src-kube/client/child-controller.ts'
import { createInformer, type Informer } from '../../../src-kube/client/informer.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import type { Client, TypedRef } from '../../../src-kube/client/typed-client.ts'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import type { ObjectLike } from '../../../src-kube/machinery/meta.ts'
import { isNotFound } from '../../../src-kube/machinery/errors.ts'

/** An object that a volume is made from. */
export interface ReferenceKey {
  kind: 'configMap' | 'secret'
  namespace: string
  name: string
}

/** ConfigMaps and secrets that pods refer to. */
export interface References {
  /** Undefined when there is none. */
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>
  /** Undefined when there is none. */
  secret(namespace: string, name: string): Promise<Secret | undefined>
  /** Watches the object while any holder does; calls back when it changes. Answers how to let go. */
  hold(key: ReferenceKey, changed: () => void): () => void
}

/** Who reads the ConfigMaps and Secrets that pods name, and for how long. */
export interface ReferencesOptions {
  client: Client
  clock: Clock
  signal: AbortSignal
  log(message: string): void
}

interface Watch {
  informer: Informer<ObjectLike>
  stop: AbortController
  holders: Set<() => void>
}

/** One watch for each object in use; what is watched is answered from it, all else is asked from the server. */
export function createReferences(options: ReferencesOptions): References {
  return new WatchedReferences(options)
}

const keyOf = ({ kind, namespace, name }: ReferenceKey): string => `${kind}/${namespace}/${name}`

class WatchedReferences implements References {
  readonly #options: ReferencesOptions
  readonly #watches = new Map<string, Watch>()

  constructor(options: ReferencesOptions) {
    this.#options = options
  }

  configMap(namespace: string, name: string): Promise<ConfigMap | undefined> {
    return this.#find({ kind: 'configMap', namespace, name }, refs.configMaps)
  }

  secret(namespace: string, name: string): Promise<Secret | undefined> {
    return this.#find({ kind: 'secret', namespace, name }, refs.secrets)
  }

  hold(key: ReferenceKey, changed: () => void): () => void {
    const id = keyOf(key)
    const mine = this.#watches.get(id) ?? this.#begin(key)
    this.#watches.set(id, mine)
    // The same function may hold twice.
    const holder = () => changed()
    mine.holders.add(holder)
    return () => {
      if (!mine.holders.delete(holder) || mine.holders.size > 0) return
      mine.stop.abort()
      this.#watches.delete(id)
    }
  }

  #begin({ kind, namespace, name }: ReferenceKey): Watch {
    const { client, clock, signal, log } = this.#options
    const stop = childController(signal)
    const holders = new Set<() => void>()
    const informer = createInformer<ObjectLike>({
      client,
      ref: kind === 'configMap' ? refs.configMaps : refs.secrets,
      namespace,
      fieldSelector: `metadata.name=${name}`,
      clock,
      signal: stop.signal,
      onError: (error) => log(`watch of ${kind} ${namespace}/${name}: ${String(error)}`),
    })
    const notify = () => holders.forEach((changed) => changed())
    informer.on({ add: notify, update: notify, delete: notify })
    return { informer, stop, holders }
  }

  async #find<T extends ObjectLike>(key: ReferenceKey, ref: TypedRef<T>): Promise<T | undefined> {
    const watch = this.#watches.get(keyOf(key))
    // A cache may trail a write that the pod's creator has just made: only what it holds is taken from it.
    const held = watch?.informer.hasSynced ? watch.informer.get(`${key.namespace}/${key.name}`) : undefined
    if (held) return held as T
    try {
      return await this.#options.client.resource(ref).get(key.name, key.namespace, { signal: this.#options.signal })
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }
}
