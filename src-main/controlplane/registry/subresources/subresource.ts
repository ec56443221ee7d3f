import type { ResourceName } from '../../../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { WriteRequest } from '../context.ts'
import type { StoredEntry } from '../entry.ts'
import type { Entry, Target } from '../registry.ts'

/** How one subresource of one or all kinds behaves; what is left out is not supported. */
export interface SubresourceBehaviour {
  name: string
  /** `${group}/${plural}` it belongs to; every kind that lists the subresource when absent. */
  of?: string
  /** What a GET of an object that is not there says is missing; the resource itself when absent. */
  missing?(target: Target): ResourceName
  /** What a GET shows; the object itself when absent. */
  read?(entry: StoredEntry, target: Target): Entry
  /** A POST. */
  create?(request: WriteRequest, body: unknown): Promise<Entry>
  /** The object that a PUT or PATCH of this subresource makes of the current one. `sent` is decoded to the storage version. */
  merge?(current: KubeObject, sent: KubeObject, target: Target): KubeObject
}
