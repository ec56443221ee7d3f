import type { ResourceRef } from '../../kinds/descriptor.ts'
import type { Clock } from '../../machinery/clock.ts'
import { deepFreeze } from '../../machinery/deep-freeze.ts'
import { alreadyExists, conflict, expired, notFound } from '../../machinery/errors.ts'
import { formatApiVersion } from '../../machinery/gvk.ts'
import type { KubeObject, ObjectLike, ObjectMeta, WatchEvent } from '../../machinery/meta.ts'
import { formatTime } from '../../machinery/time.ts'
import type { TypedRef } from '../typed-client.ts'
import type { ApiCall, Transport, WatchCall } from '../transport.ts'
import { matchesSelectors } from './selectors.ts'
import { mergeStrategically } from './merge.ts'
import { WatchHub } from './watch-hub.ts'

export interface FakeTransportOptions {
  /** For creation and deletion timestamps; a standing clock at the epoch of 2026 when absent. */
  clock?: Pick<Clock, 'now'>
  /** Called before each request; may throw, to play a failing server, or answer in its stead. */
  intercept?: (call: ApiCall) => KubeObject | undefined
}

/**
 * An API server in a few maps, for unit tests: resourceVersions and conflicts, generation, status apart from spec, finalizers and
 * graceful deletion as the API defines them, selectors, watches with resume, bookmarks at the start and 410. It neither validates nor defaults.
 */
export class FakeTransport implements Transport {
  /** Every request in order, for assertions. */
  readonly calls: ApiCall[] = []
  intercept: ((call: ApiCall) => KubeObject | undefined) | undefined
  readonly #clock: Pick<Clock, 'now'>
  readonly #objects = new Map<string, Map<string, KubeObject>>()
  readonly #hub = new WatchHub()
  #revision = 1
  #uids = 0

  constructor(options: FakeTransportOptions = {}) {
    this.#clock = options.clock ?? { now: () => Date.UTC(2026, 0, 1) }
    this.intercept = options.intercept
  }

  /** Puts an object there as it is, filling in uid and versions: the arrangement of a test. */
  put<T extends ObjectLike>(ref: TypedRef<T>, object: unknown): T {
    const given = structuredClone(object) as KubeObject
    const old = this.#table(ref).get(keyOf(given.metadata))
    return this.#store(ref, this.#withMeta(ref, given, old), old ? 'MODIFIED' : 'ADDED') as unknown as T
  }

  /** What is stored under a name now; undefined when nothing is. */
  peek<T extends ObjectLike>(ref: TypedRef<T>, name: string, namespace?: string): T | undefined {
    return this.#table(ref).get(namespace ? `${namespace}/${name}` : name) as T | undefined
  }

  /** All that is stored of a resource, ordered by key. */
  all<T extends ObjectLike>(ref: TypedRef<T>): T[] {
    return [...this.#table(ref).entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, o]) => o as unknown as T)
  }

  /** Removes an object whatever its finalizers, as a kubelet's last delete does. */
  remove(ref: TypedRef<ObjectLike>, name: string, namespace?: string): void {
    const object = this.#table(ref).get(namespace ? `${namespace}/${name}` : name)
    if (object) this.#erase(ref, object)
  }

  /** Ends every watch of a resource; with `compact` the next resume answers 410. */
  breakWatches(ref: ResourceRef, { compact = false } = {}): void {
    this.#hub.break(tableName(ref), compact)
  }

  async request(call: ApiCall): Promise<KubeObject> {
    this.calls.push(call)
    await Promise.resolve()
    const answer = this.intercept?.(call)
    if (answer) return answer
    switch (call.verb) {
      case 'get':
        return this.#find(call)
      case 'list':
        return this.#list(call)
      case 'create':
        return this.#create(call)
      case 'update':
        return this.#update(call, structuredClone(call.body) as KubeObject)
      case 'patch':
        return this.#update(call, mergeStrategically(this.#find(call), call))
      case 'delete':
        return this.#delete(call)
      case 'deletecollection':
        for (const item of (this.#list(call)['items'] as KubeObject[]) ?? [])
          this.#delete({ ...call, verb: 'delete', name: item.metadata.name, namespace: item.metadata.namespace })
        return success()
    }
  }

  async *watch(call: WatchCall): AsyncIterable<WatchEvent> {
    await Promise.resolve()
    const from = Number(call.query?.['resourceVersion'] ?? this.#revision)
    if (from < this.#hub.compacted(tableName(call.resource)))
      throw expired(`too old resource version: ${from} (${this.#revision})`)
    for await (const event of this.#hub.follow(tableName(call.resource), from, call.signal))
      if (event.type === 'BOOKMARK' || matchesSelectors(event.object, call)) yield event
  }

  #table(ref: ResourceRef): Map<string, KubeObject> {
    const name = tableName(ref)
    let table = this.#objects.get(name)
    if (!table) this.#objects.set(name, (table = new Map()))
    return table
  }

  #find(call: ApiCall): KubeObject {
    const key = call.namespace ? `${call.namespace}/${call.name}` : (call.name ?? '')
    const found = this.#table(call.resource).get(key)
    if (!found) throw notFound(call.resource, call.name ?? '')
    return found
  }

  #list(call: ApiCall): KubeObject {
    const items = [...this.#table(call.resource).values()].filter((object) => matchesSelectors(object, call))
    const { group, version, kind } = call.resource
    const metadata = { resourceVersion: String(this.#revision) } as ObjectMeta
    return { apiVersion: formatApiVersion(group, version), kind: `${kind}List`, metadata, items }
  }

  #create(call: ApiCall): KubeObject {
    const given = structuredClone(call.body) as KubeObject
    if (call.subresource) return this.#createSubresource(call, given)
    if (call.namespace) given.metadata.namespace = call.namespace
    if (!given.metadata.name) given.metadata.name = `${given.metadata.generateName}${suffix(++this.#uids)}`
    if (this.#table(call.resource).has(keyOf(given.metadata))) throw alreadyExists(call.resource, given.metadata.name)
    return this.#store(call.resource, this.#withMeta(call.resource, given, undefined), 'ADDED')
  }

  #createSubresource(call: ApiCall, body: KubeObject): KubeObject {
    if (call.subresource === 'binding') {
      const pod = structuredClone(this.#find(call))
      ;(pod['spec'] as Record<string, unknown>)['nodeName'] = (body['target'] as { name: string }).name
      this.#store(call.resource, this.#bump(pod), 'MODIFIED')
      return success()
    }
    if (call.subresource === 'eviction') return this.#delete({ ...call, subresource: undefined, body: {} })
    return body
  }

  #update(call: ApiCall, given: KubeObject): KubeObject {
    const old = this.#find(call)
    const { resourceVersion } = given.metadata
    if (resourceVersion && resourceVersion !== old.metadata.resourceVersion)
      throw conflict(call.resource, old.metadata.name)
    const parts = call.subresource === 'status' || call.subresource === 'approval'
    const next: KubeObject = parts
      ? { ...old, status: given['status'] }
      : { ...given, status: given['status'] ?? old['status'] }
    if (!parts && call.resource.resource !== 'events' && old['status'] !== undefined) next.status = old['status']
    next.metadata = { ...(parts ? old.metadata : given.metadata), ...serverOwned(old.metadata) }
    // Of definitions the status brings the finalizers with it.
    if (parts && call.resource.resource === 'customresourcedefinitions' && given.metadata.finalizers)
      next.metadata.finalizers = given.metadata.finalizers
    if (!parts && JSON.stringify(next['spec']) !== JSON.stringify(old['spec']))
      next.metadata.generation = (old.metadata.generation ?? 0) + 1
    if (JSON.stringify(next) === JSON.stringify(old)) return old
    const finished = next.metadata.deletionTimestamp && !next.metadata.finalizers?.length
    if (finished && !hasGrace(old) && !namespaceHeld(next)) return this.#erase(call.resource, old)
    return this.#store(call.resource, this.#bump(next as KubeObject), 'MODIFIED')
  }

  #delete(call: ApiCall): KubeObject {
    const old = this.#find(call)
    const body = (call.body ?? {}) as DeleteBody
    const want = body.preconditions ?? {}
    if (want.uid && want.uid !== old.metadata.uid)
      throw conflict(call.resource, old.metadata.name, uidMessage(want.uid, old))
    if (want.resourceVersion && want.resourceVersion !== old.metadata.resourceVersion)
      throw conflict(call.resource, old.metadata.name)
    const next = structuredClone(old)
    const policy = body.propagationPolicy
    const extra = policy === 'Foreground' ? 'foregroundDeletion' : policy === 'Orphan' ? 'orphan' : undefined
    if (extra) next.metadata.finalizers = [...new Set([...(next.metadata.finalizers ?? []), extra])]
    const pod = call.resource.resource === 'pods' && (old['spec'] as { nodeName?: string } | undefined)?.nodeName
    const grace = pod ? (body.gracePeriodSeconds ?? 30) : 0
    if (!next.metadata.finalizers?.length && grace === 0 && !namespaceHeld(next)) return this.#erase(call.resource, old)
    if (next.metadata.deletionTimestamp && !(grace === 0 && hasGrace(old)) && !extra) return old
    next.metadata.deletionTimestamp ??= formatTime(this.#clock.now() + grace * 1000)
    next.metadata.deletionGracePeriodSeconds = grace
    if (call.resource.resource === 'namespaces')
      next['status'] = { ...(next['status'] as object), phase: 'Terminating' }
    return this.#store(call.resource, this.#bump(next), 'MODIFIED')
  }

  #withMeta(ref: ResourceRef, given: KubeObject, old: KubeObject | undefined): KubeObject {
    const metadata: ObjectMeta = { ...given.metadata }
    metadata.uid = old?.metadata.uid ?? (metadata.uid || `uid-${++this.#uids}`)
    metadata.creationTimestamp ??= formatTime(this.#clock.now())
    metadata.generation ??= (old?.metadata.generation ?? 0) + 1
    return this.#bump({ ...given, apiVersion: formatApiVersion(ref.group, ref.version), kind: ref.kind, metadata })
  }

  #bump(object: KubeObject): KubeObject {
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#revision) } }
  }

  #store(ref: ResourceRef, object: KubeObject, type: 'ADDED' | 'MODIFIED'): KubeObject {
    deepFreeze(object)
    this.#table(ref).set(keyOf(object.metadata), object)
    this.#hub.publish(tableName(ref), { type, object })
    return object
  }

  #erase(ref: ResourceRef, object: KubeObject): KubeObject {
    this.#table(ref).delete(keyOf(object.metadata))
    this.#hub.publish(tableName(ref), { type: 'DELETED', object: deepFreeze(this.#bump(object)) })
    return success()
  }
}

interface DeleteBody {
  propagationPolicy?: string
  gracePeriodSeconds?: number
  preconditions?: { uid?: string; resourceVersion?: string }
}

const tableName = ({ group, resource }: ResourceRef) => `${group}/${resource}`
const keyOf = ({ namespace, name }: ObjectMeta) => (namespace ? `${namespace}/${name}` : name)
const suffix = (n: number) => n.toString(36).padStart(5, 'x')
const hasGrace = (object: KubeObject) => (object.metadata.deletionGracePeriodSeconds ?? 0) > 0
const namespaceHeld = (object: KubeObject) =>
  object.kind === 'Namespace' && !!(object['spec'] as { finalizers?: string[] } | undefined)?.finalizers?.length
const uidMessage = (want: string, old: KubeObject) =>
  `Precondition failed: UID in precondition: ${want}, UID in object meta: ${old.metadata.uid}`

function serverOwned(old: ObjectMeta): Partial<ObjectMeta> {
  const { uid, creationTimestamp, generation, deletionTimestamp, deletionGracePeriodSeconds } = old
  return {
    uid,
    creationTimestamp,
    generation,
    ...(deletionTimestamp ? { deletionTimestamp, deletionGracePeriodSeconds } : {}),
  }
}

function success(): KubeObject {
  return { apiVersion: 'v1', kind: 'Status', metadata: {} as ObjectMeta, status: 'Success' }
}
