import type { PatchType } from '../../../src-kube/client/transport.ts'
import type { KindDescriptor, ServedVersion } from '../../../src-kube/kinds/descriptor.ts'
import type { FieldMatcher } from '../../../src-kube/machinery/fields.ts'
import type { LabelMatcher } from '../../../src-kube/machinery/labels.ts'
import type { KeyPlaces } from '../../../src-kube/machinery/key-places.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import type { DeleteOptions } from '#types/meta/v1'
import type { ObjectWatcher, UserInfo, Waits } from '../admission/admission.ts'
import type { Part } from './parts.ts'
import type { Past } from './past.ts'

/** What a request is about: a kind in the version that was asked for. */
export interface Target {
  descriptor: KindDescriptor
  served: ServedVersion
  /** `` for cluster-scoped kinds and for all namespaces. */
  namespace: string
  /** `` for collections. */
  name: string
  /** `` for the object itself. */
  subresource: string
}

/**
 * An object at a revision. What the store holds is its one encoding, behind a head for the asked version: get, list and all watchers send
 * those bytes. Neither the object (frozen in tests) nor the bytes may be changed.
 */
export interface Entry {
  /** In the storage version, resourceVersion included. */
  readonly object: KubeObject
  readonly revision: number
  /** In the asked version, decoded. */
  as(served: ServedVersion): KubeObject
  /** JSON in the asked version, without a line end, in pieces to be sent one after the other. */
  parts(served: ServedVersion): readonly Part[]
  /** The same as an item of a list, where objects of built-in kinds leave out kind and version, which the list says. */
  itemParts(served: ServedVersion): readonly Part[]
  /** The same in one piece. */
  json(served: ServedVersion): Buffer
}

/** The user who writes, and how the request wants it done. */
export interface WriteOptions {
  user: UserInfo
  dryRun: boolean
  fieldManager: string
  fieldValidation: 'Strict' | 'Warn' | 'Ignore'
  /** Where the keys of the body stand, to tell of those that are there twice. */
  keys?: KeyPlaces | undefined
  /** What is wrong with the body already: keys that YAML gives twice, members that no operation has. Told before the fields that are unknown. */
  faults?: readonly string[]
  /** Apply patches: take fields that others own. */
  force?: boolean
  /** Asked before an apply or an update creates what it did not find: rejects for who may not. */
  confirmCreate?: (() => Promise<void>) | undefined
  /** Told when an apply or an update finds no object and creates it: the answer is 201. */
  created?(): void
  /** The body is this request's alone and may become the object. */
  ownsBody?: boolean
  /** Adds a `Warning: 299` header to the answer. */
  warn(message: string): void
  /** Nobody hears what a valid object is warned of: the process writes it itself, or it is tried once more. */
  silent?: boolean
  /** See `AdmissionAttributes`. */
  annotate?: ((key: string, value: string) => void) | undefined
  /** See `AdmissionAttributes`. */
  waits?: Waits | undefined
}

/** Query parameters of a list, with selectors parsed (kubernetes.io, "API concepts: Resource versions"). */
export interface ListOptions {
  labels?: LabelMatcher | undefined
  fields?: FieldMatcher | undefined
  limit?: number | undefined
  continue?: string | undefined
  resourceVersion?: string | undefined
  resourceVersionMatch?: string | undefined
}

/** Entries of one revision, in the order of their keys. */
export interface EntryList {
  entries: readonly Entry[]
  resourceVersion: string
  continue?: string | undefined
  remainingItemCount?: number | undefined
}

/** Query parameters of a watch, with selectors parsed. */
export interface WatchOptions {
  labels?: LabelMatcher | undefined
  fields?: FieldMatcher | undefined
  resourceVersion?: string | undefined
  bookmarks: boolean
  /** WatchList (KEP-3157): state first, then a bookmark that says so. */
  sendInitialEvents?: boolean | undefined
  signal: AbortSignal
}

/** What a watch tells. An object that leaves or enters the selection is told of as DELETED or ADDED. */
export type RegistryEvent =
  /** `previous`: what the object was, told of kinds whose versions a webhook makes. */
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; entry: Entry; previous?: Entry | undefined }
  /** `initialEventsEnd`: everything that existed has been sent. */
  | { type: 'BOOKMARK'; revision: number; initialEventsEnd: boolean }

/**
 * The generic verbs over the store, in one fixed order of a write (ARCHITECTURE.md, "Registry"). All failures are `StatusError`s. Bodies are what
 * JSON or YAML decoding gave, not yet checked.
 */
export interface Registry extends ObjectWatcher {
  /** Built-in kinds, then those of CustomResourceDefinitions: another array whenever these change. */
  readonly kinds: readonly KindDescriptor[]
  /** The newest revision that is visible. */
  readonly revision: number
  readonly past: Past
  /** Objects of a resource in its own group, in all namespaces; 0 for a resource that there is not. */
  count(group: string, resource: string): number
  /** The object in another version of a kind whose versions a webhook makes; any other as it is. */
  convert(descriptor: KindDescriptor, object: KubeObject, to: ServedVersion): Promise<KubeObject>
  read(target: Target, options?: { resourceVersion?: string | undefined }): Promise<Entry>
  listEntries(target: Target, options: ListOptions): Promise<EntryList>
  /** Batches of events in order; ends when the signal aborts; throws `StatusError` 410 when it fell behind or asked for too much. */
  watch(target: Target, options: WatchOptions): Promise<AsyncIterable<readonly RegistryEvent[]>>
  create(target: Target, body: unknown, options: WriteOptions): Promise<Entry>
  update(target: Target, body: unknown, options: WriteOptions): Promise<Entry>
  patch(target: Target, type: PatchType, patch: unknown, options: WriteOptions): Promise<Entry>
  /** `gone`: the object is no more; else it waits for finalizers or its grace period and stands as returned. */
  delete(target: Target, body: Partial<DeleteOptions>, options: WriteOptions): Promise<{ gone: boolean; entry: Entry }>
  deleteCollection(
    target: Target,
    list: ListOptions,
    body: Partial<DeleteOptions>,
    options: WriteOptions,
  ): Promise<EntryList>
  /** Of a registry whose store is elsewhere: throws when that does not answer. */
  readonly checkStore?: () => Promise<void>
  /** Resolves when the caches that answer list and watch are filled. */
  readonly ready: Promise<void>
}
