import type { ResourceRef } from '../kinds/descriptor.ts'
import type { KubeObject, WatchEvent } from '../machinery/meta.ts'

/** How a patch is to be read (kubernetes.io, "Update API Objects in Place Using kubectl patch"). */
export type PatchType =
  | 'application/json-patch+json'
  | 'application/merge-patch+json'
  | 'application/strategic-merge-patch+json'
  | 'application/apply-patch+yaml'

/** One request to the API, before it is HTTP or a function call. */
export interface ApiCall {
  verb: 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'
  resource: ResourceRef
  namespace?: string | undefined
  name?: string | undefined
  /** `status`, `scale`, `binding`, `token`, … */
  subresource?: string | undefined
  /** Query parameters as the API spells them (`labelSelector`, `dryRun`, `fieldManager`, …). */
  query?: Record<string, string> | undefined
  /** The object, the `DeleteOptions`, or the patch. */
  body?: unknown
  patchType?: PatchType | undefined
  signal?: AbortSignal | undefined
}

/** A watch; `query.resourceVersion` says from where, bookmarks are asked for by `query.allowWatchBookmarks`. */
export interface WatchCall {
  resource: ResourceRef
  namespace?: string | undefined
  query?: Record<string, string> | undefined
  signal: AbortSignal
}

/**
 * The one seam between clients and an API server: in-process, HTTPS, or a fake in tests.
 * Failures are `StatusError`s. What an in-process transport returns is shared and frozen: never mutate it.
 */
export interface Transport {
  request(call: ApiCall): Promise<KubeObject>
  /** Yields events until the signal aborts or the server ends the stream; a failed start or an ERROR event throws `StatusError`. */
  watch(call: WatchCall): AsyncIterable<WatchEvent>
}
