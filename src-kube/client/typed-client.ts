import type { DeleteOptions } from '#types/meta/v1'
import type { ResourceRef } from '../kinds/descriptor.ts'
import type { Draft, KubeList, KubeObject, ObjectLike, WatchEvent } from '../machinery/meta.ts'
import type { PatchType, Transport } from './transport.ts'

/** A reference that also knows the TypeScript type of its objects; `object` is never present at run time. */
export interface TypedRef<T extends ObjectLike = KubeObject> extends ResourceRef {
  readonly object?: T
}

/** What any request may say beside its object. */
export interface RequestOptions {
  /** Query parameters as the API spells them (`dryRun`, `fieldManager`, …). */
  query?: Record<string, string> | undefined
  signal?: AbortSignal | undefined
}

/** What a list or a watch is of; selectors in the grammar of `kubectl -l` and `--field-selector`. */
export interface ListRequest extends RequestOptions {
  /** All namespaces when absent. */
  namespace?: string | undefined
  labelSelector?: string | undefined
  fieldSelector?: string | undefined
}

/** `body` is sent as JSON, whatever the type. */
export interface PatchRequest extends RequestOptions {
  name: string
  namespace?: string | undefined
  type: PatchType
  body: unknown
  subresource?: string | undefined
}

/** What is posted to a subresource of one object. */
export interface SubresourceRequest extends RequestOptions {
  subresource: string
  name: string
  namespace?: string | undefined
  body: unknown
}

/**
 * The verbs of one resource. Failures are `StatusError`s. Answers are shared and may be frozen: copy before a change.
 */
export interface ResourceClient<T extends ObjectLike> {
  readonly ref: ResourceRef
  get(name: string, namespace?: string, options?: RequestOptions): Promise<T>
  list(request?: ListRequest): Promise<KubeList<T>>
  create(object: Draft<T>, options?: RequestOptions): Promise<T>
  /** Replaces the object; its resourceVersion, when present, must be the stored one. */
  update(object: T, options?: RequestOptions): Promise<T>
  /** Replaces only what the `status` subresource owns. */
  updateStatus(object: T, options?: RequestOptions): Promise<T>
  patch(request: PatchRequest): Promise<T>
  /** Answers the object as it now stands (waiting for finalizers) or a `Status`. */
  delete(name: string, namespace?: string, body?: Partial<DeleteOptions>, options?: RequestOptions): Promise<KubeObject>
  /** POST to a subresource (`binding`, `eviction`, `token`). */
  createSubresource(request: SubresourceRequest): Promise<KubeObject>
  /** PUT of a subresource (`approval`, `finalize`, `scale`). */
  updateSubresource(subresource: string, object: ObjectLike, options?: RequestOptions): Promise<KubeObject>
  /** A raw watch; prefer an informer. */
  watch(request: ListRequest & { signal: AbortSignal }): AsyncIterable<WatchEvent<T>>
}

/** Typed verbs over any transport. */
export interface Client {
  readonly transport: Transport
  resource<T extends ObjectLike = KubeObject>(ref: TypedRef<T>): ResourceClient<T>
}

/** Wraps a transport; keeps one small object per resource. */
export function createClient(transport: Transport): Client {
  const known = new Map<string, ResourceClient<ObjectLike>>()
  return {
    transport,
    resource<T extends ObjectLike>(ref: TypedRef<T>): ResourceClient<T> {
      const key = `${ref.group}/${ref.version}/${ref.resource}`
      let found = known.get(key)
      if (!found) known.set(key, (found = resourceClient<ObjectLike>(transport, ref)))
      return found as ResourceClient<T>
    },
  }
}

function resourceClient<T extends ObjectLike>(transport: Transport, ref: ResourceRef): ResourceClient<T> {
  const resource: ResourceRef = ref
  const where = (object: { metadata: { name?: string; namespace?: string | undefined } }) => ({
    name: object.metadata.name,
    namespace: object.metadata.namespace,
  })
  const as = async (answer: Promise<unknown>): Promise<T> => (await answer) as T
  return {
    ref,
    get: (name, namespace, options) => as(transport.request({ verb: 'get', resource, name, namespace, ...options })),
    list: async ({ namespace, signal, ...rest } = {}) => {
      const call = { verb: 'list' as const, resource, namespace, signal, query: listQuery(rest) }
      return (await transport.request(call)) as unknown as KubeList<T>
    },
    create: (object, options) => {
      const { namespace } = object.metadata
      return as(transport.request({ verb: 'create', resource, namespace, body: object, ...options }))
    },
    update: (object, options) =>
      as(transport.request({ verb: 'update', resource, ...where(object), body: object, ...options })),
    updateStatus: (object, options) =>
      as(
        transport.request({
          verb: 'update',
          resource,
          ...where(object),
          subresource: 'status',
          body: object,
          ...options,
        }),
      ),
    patch: ({ type, ...rest }) => as(transport.request({ verb: 'patch', resource, patchType: type, ...rest })),
    delete: (name, namespace, body, options) =>
      transport.request({ verb: 'delete', resource, name, namespace, body, ...options }),
    createSubresource: (request) => transport.request({ verb: 'create', resource, ...request }),
    updateSubresource: (subresource, object, options) =>
      transport.request({ verb: 'update', resource, subresource, ...where(object), body: object, ...options }),
    watch: ({ namespace, signal, ...rest }) =>
      transport.watch({ resource, namespace, signal, query: listQuery(rest) }) as AsyncIterable<WatchEvent<T>>,
  }
}

/** Selectors folded into the query of a list or watch. */
function listQuery(request: Pick<ListRequest, 'labelSelector' | 'fieldSelector' | 'query'>): Record<string, string> {
  return {
    ...(request.labelSelector ? { labelSelector: request.labelSelector } : {}),
    ...(request.fieldSelector ? { fieldSelector: request.fieldSelector } : {}),
    ...request.query,
  }
}
