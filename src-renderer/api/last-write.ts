/** Who wrote an object last, remembered where its managed fields are not kept. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'

/** Who wrote an object last, and when, from its `managedFields`. */
export interface LastWrite {
  /** The client, as it named itself. */
  by: string
  /** Milliseconds since the epoch. */
  at: number
}

/** Clients whose writes are the cluster's own work, not somebody's. */
const machinery = /^(kube-|kubelet|horizontal-pod-autoscaler|deployment-controller|drydock(-controllers|-scheduler)?$)/
const known = new WeakMap<KubeObject, LastWrite>()

/** Remembers it of `kept`, which stands for `object`; what a controller made is of no interest, and there may be ten thousand. */
export function noteLastWrite(object: KubeObject, kept: KubeObject): void {
  const { managedFields = [], ownerReferences = [] } = object.metadata
  if (ownerReferences.length > 0) return
  let last = { by: '', time: '' }
  for (const { manager = '', subresource = '', time = '' } of managedFields) {
    // Only a status is written by machinery alone; a scale is somebody's wish. Times of one form are in order as texts.
    if (subresource !== 'status' && !machinery.test(manager) && time >= last.time) last = { by: manager, time }
  }
  if (last.time !== '') known.set(kept, { by: last.by, at: Date.parse(last.time) })
}

/** Undefined where a server keeps no such record, and of what controllers made. */
export const lastWriteOf = (object: KubeObject): LastWrite | undefined => known.get(object)
