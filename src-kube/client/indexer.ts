import { controllerOf, type KubeObject, type ObjectLike } from '../machinery/meta.ts'

/** The values under which an object is found in an index; a value may repeat among objects. */
export type IndexFunction<T> = (object: T) => readonly string[]

/** Read side of a cache of shared, frozen objects keyed `namespace/name`. */
export interface Lister<T> {
  readonly size: number
  get(key: string): T | undefined
  /** Every object, or those of one namespace (by index when there is one). */
  list(namespace?: string): T[]
  /** The objects of an index' value; throws when the index was never added. */
  byIndex(index: string, value: string): T[]
}

/** A cache with secondary indexes that are kept at each write; an index costs one map entry per object and value. */
export class Indexer<T extends ObjectLike> implements Lister<T> {
  readonly #objects = new Map<string, T>()
  readonly #indexes = new Map<string, { of: IndexFunction<T>; buckets: Map<string, Map<string, T>> }>()

  get size(): number {
    return this.#objects.size
  }

  get(key: string): T | undefined {
    return this.#objects.get(key)
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys()
  }

  list(namespace?: string): T[] {
    if (namespace === undefined) return [...this.#objects.values()]
    if (this.#indexes.has(byNamespace.name)) return this.byIndex(byNamespace.name, namespace)
    return [...this.#objects.values()].filter((object) => object.metadata.namespace === namespace)
  }

  byIndex(index: string, value: string): T[] {
    const found = this.#indexes.get(index)
    if (!found) throw new Error(`no index ${JSON.stringify(index)}; add it before use`)
    return [...(found.buckets.get(value)?.values() ?? [])]
  }

  /** Adds an index; adding the same name again does nothing. */
  addIndex(name: string, of: IndexFunction<T>): void {
    if (this.#indexes.has(name)) return
    const index = { of, buckets: new Map<string, Map<string, T>>() }
    this.#indexes.set(name, index)
    for (const [key, object] of this.#objects) insert(index.buckets, of(object), key, object)
  }

  /** Stores an object under its key; answers the one it replaces. */
  set(key: string, object: T): T | undefined {
    const old = this.#objects.get(key)
    this.#objects.set(key, object)
    for (const { of, buckets } of this.#indexes.values()) {
      if (old) extract(buckets, of(old), key)
      insert(buckets, of(object), key, object)
    }
    return old
  }

  /** Forgets a key; answers what it held. */
  delete(key: string): T | undefined {
    const old = this.#objects.get(key)
    if (!old) return undefined
    this.#objects.delete(key)
    for (const { of, buckets } of this.#indexes.values()) extract(buckets, of(old), key)
    return old
  }
}

function insert<T>(buckets: Map<string, Map<string, T>>, values: readonly string[], key: string, object: T): void {
  for (const value of values) {
    let bucket = buckets.get(value)
    if (!bucket) buckets.set(value, (bucket = new Map()))
    bucket.set(key, object)
  }
}

function extract<T>(buckets: Map<string, Map<string, T>>, values: readonly string[], key: string): void {
  for (const value of values) {
    const bucket = buckets.get(value)
    if (bucket?.delete(key) && bucket.size === 0) buckets.delete(value)
  }
}

/** An index and its name, to be added to an informer with `addIndex(index.name, index.of)`. */
export interface NamedIndex<T> {
  name: string
  of: IndexFunction<T>
}

/** Index of objects by the namespace they are in. */
export const byNamespace: NamedIndex<ObjectLike> = {
  name: 'namespace',
  of: (object) => (object.metadata.namespace ? [object.metadata.namespace] : []),
}

/** By `spec.nodeName`; pods without a node are under the empty string. */
export const byNode: NamedIndex<ObjectLike> = {
  name: 'node',
  of: (object) => {
    const spec = (object as KubeObject)['spec'] as { nodeName?: string } | undefined
    return [spec?.nodeName ?? '']
  },
}

/** By the uid of the controlling owner; objects without one are under `namespace/` + their namespace. */
export const byController: NamedIndex<ObjectLike> = {
  name: 'controller',
  of: (object) => [controllerOf(object)?.uid ?? orphansOf(object.metadata.namespace)],
}

/** The value of {@link byController} under which a namespace's objects without a controller stand. */
export function orphansOf(namespace: string | undefined): string {
  return `namespace/${namespace ?? ''}`
}
