import type { ListMeta, ObjectMeta, OwnerReference } from '#types/meta/v1'

export type { ListMeta, ObjectMeta, OwnerReference }

/** Any JSON value as it travels on the wire. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** An object of any kind: what every Kubernetes resource has, the rest unknown. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
  [field: string]: unknown
}

/** What a typed kind must have to be handled generically; the generated types of `#types/*` satisfy it. */
export interface ObjectLike {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
}

/** An object before the server has seen it: name (or generateName) is the caller's, the rest of the metadata is the server's. */
export type Draft<T extends ObjectLike> = Omit<T, 'metadata'> & { metadata: Partial<ObjectMeta> }

/** A list as the API answers it; items have no kind of their own over HTTP. */
export interface KubeList<T extends ObjectLike = KubeObject> {
  apiVersion: string
  kind: string
  metadata: ListMeta
  items: T[]
}

/** The list with items that say their kind and version, which those of built-in kinds leave out over HTTP. Anything else is answered as it is. */
export function withTypedItems<T>(answer: T): T {
  const { kind, apiVersion, items } = (answer ?? {}) as Partial<KubeList>
  if (!Array.isArray(items) || !kind?.endsWith('List') || items.every((item) => item?.kind)) return answer
  const type = { kind: kind.slice(0, -'List'.length), apiVersion }
  return { ...answer, items: items.map((item) => ({ ...type, ...item })) }
}

/** What a line of a watch tells (kubernetes.io, "Efficient detection of changes"). */
export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'

/** One line of a watch stream; for ERROR the object is a `Status`. */
export interface WatchEvent<T extends ObjectLike = KubeObject> {
  type: WatchEventType
  object: T
}

/** `namespace/name`, or `name` for a cluster-scoped object: the key of queues and caches. */
export function objectKey(object: { metadata: { name: string; namespace?: string | undefined } }): string {
  const { namespace, name } = object.metadata
  return namespace ? `${namespace}/${name}` : name
}

/** The inverse of {@link objectKey}. */
export function splitKey(key: string): { namespace: string | undefined; name: string } {
  const slash = key.indexOf('/')
  return slash < 0
    ? { namespace: undefined, name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

/** Metadata that is bound to no revision: who writes it overwrites whatever is there by then. */
export const unbound = (metadata: ObjectMeta): ObjectMeta => ({
  ...metadata,
  resourceVersion: undefined as unknown as string,
})

/** Metadata as its writer has it, before the server has given the object a uid and a resourceVersion. */
export const draftMetadata = (metadata: Partial<ObjectMeta>): ObjectMeta => metadata as ObjectMeta

/** The owner reference with `controller: true`, if there is one. */
export function controllerOf(object: {
  metadata: { ownerReferences?: OwnerReference[] | undefined }
}): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true)
}
