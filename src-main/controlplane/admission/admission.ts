import type { KindDescriptor, ServedVersion } from '../../../src-kube/kinds/descriptor.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'

/** Who asks, as authentication established it. */
export interface UserInfo {
  name: string
  uid?: string | undefined
  groups: readonly string[]
  extra?: Record<string, string[]> | undefined
}

/** The request as admission sees it (kubernetes.io, "Admission Control in Kubernetes"). */
export interface AdmissionAttributes {
  operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  descriptor: KindDescriptor
  /** The version that was asked for; the storage version's own when absent. */
  served?: ServedVersion
  subresource: string
  namespace: string
  name: string
  /** In the storage version; plugins that mutate change it in place. Absent for DELETE. */
  object: KubeObject | undefined
  /** Frozen. Absent for CREATE. */
  oldObject: KubeObject | undefined
  user: UserInfo
  dryRun: boolean
  /** Adds a `Warning: 299` header to the answer. */
  warn(message: string): void
  /** Notes something for readers of the audit log; absent when there is no such log. The first note of a key counts. */
  annotate?: ((key: string, value: string) => void) | undefined
  /** Where the milliseconds are added that webhooks take; absent when nobody counts them. */
  waits?: Waits | undefined
}

/** What a request spends on others. */
export interface Waits {
  /** Milliseconds. */
  waited: number
}

/** What admission may read: objects in the storage version, shared and frozen. */
export interface ObjectReader {
  get(group: string, resource: string, namespace: string, name: string): Promise<KubeObject | undefined>
  list(group: string, resource: string, namespace?: string): Promise<readonly KubeObject[]>
}

/** A change of one object: `object` is absent once it is gone, `old` when it is new. Both in the storage version, shared and frozen. */
export type ObjectListener = (object: KubeObject | undefined, old: KubeObject | undefined) => void

/** Reads, and hears of what changes, so that answers can be kept instead of looked up. */
export interface ObjectWatcher extends ObjectReader {
  /**
   * Calls for every durable change of a resource from now on, in order, synchronously. A `list` begun in the same turn and the
   * changes heard of after it are the whole story. Returns its own removal.
   */
  observe(group: string, resource: string, listener: ObjectListener): () => void
}

/**
 * One admission plugin (kubernetes.io, "Admission Controllers"). `admit` may change the object and runs before validation,
 * `validate` only judges and runs after it; both refuse by throwing a `StatusError`.
 */
export interface AdmissionPlugin {
  readonly name: string
  /** Resources (`pods`, `deployments.apps`) it is for; absent: any. Others never reach it and cost nothing. */
  readonly resources?: readonly string[]
  handles(attributes: AdmissionAttributes): boolean
  admit?(attributes: AdmissionAttributes): Promise<void> | void
  validate?(attributes: AdmissionAttributes): Promise<void> | void
}

/** The chain as the registry calls it. What no plugin waits for is over, or has thrown, when the call returns; else it returns a promise. */
export interface Admission {
  admit(attributes: AdmissionAttributes): Promise<void> | undefined
  validate(attributes: AdmissionAttributes): Promise<void> | undefined
}
