import type { ConfigMap, Secret } from '#types/core/v1'
import { createInformer, type Informer } from '../../../src-kube/client/informer.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import type { Client, TypedRef } from '../../../src-kube/client/typed-client.ts'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import type { ObjectLike } from '../../../src-kube/machinery/meta.ts'
import { StatusError } from '../../../src-kube/machinery/errors.ts'

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
export function createReferences({ client, clock, signal, log }: ReferencesOptions): References {
  const watches = new Map<string, Watch>()
  const keyOf = ({ kind, namespace, name }: ReferenceKey) => `${kind}/${namespace}/${name}`

  function begin({ kind, namespace, name }: ReferenceKey): Watch {
    const stop = new AbortController()
    const holders = new Set<() => void>()
    const informer = createInformer<ObjectLike>({
      client,
      ref: kind === 'configMap' ? refs.configMaps : refs.secrets,
      namespace,
      fieldSelector: `metadata.name=${name}`,
      clock,
      signal: AbortSignal.any([signal, stop.signal]),
      onError: (error) => log(`watch of ${kind} ${namespace}/${name}: ${String(error)}`),
    })
    const notify = () => holders.forEach((changed) => changed())
    informer.on({ add: notify, update: notify })
    return { informer, stop, holders }
  }

  async function find<T extends ObjectLike>(key: ReferenceKey, ref: TypedRef<T>): Promise<T | undefined> {
    const watch = watches.get(keyOf(key))
    // A cache may trail a write that the pod's creator has just made: only what it holds is taken from it.
    const held = watch?.informer.hasSynced ? watch.informer.get(`${key.namespace}/${key.name}`) : undefined
    if (held) return held as T
    try {
      return await client.resource(ref).get(key.name, key.namespace, { signal })
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return undefined
      throw error
    }
  }

  return {
    configMap: (namespace, name) => find({ kind: 'configMap', namespace, name }, refs.configMaps),
    secret: (namespace, name) => find({ kind: 'secret', namespace, name }, refs.secrets),
    hold(key, changed) {
      const id = keyOf(key)
      let watch = watches.get(id)
      if (!watch) watches.set(id, (watch = begin(key)))
      const mine = watch
      const holder = () => changed()
      mine.holders.add(holder)
      return () => {
        if (!mine.holders.delete(holder) || mine.holders.size > 0) return
        mine.stop.abort()
        if (watches.get(id) === mine) watches.delete(id)
      }
    },
  }
}
