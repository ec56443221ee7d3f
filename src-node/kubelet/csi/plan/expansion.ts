import type { PersistentVolumeClaim } from '#types/core/v1'
import { bytesValue, compareQuantities } from '../../../../src-kube/machinery/quantity.ts'

/** Conditions of a claim that is being made larger; none of them holds afterwards. */
const resizing = new Set(['FileSystemResizePending', 'Resizing'])

/** What a volume is to be made large enough for on the node, in bytes; undefined when it is (kubernetes.io, "Expanding Persistent Volumes Claims"). */
export function expansionOf(capacity: string | undefined, claim: PersistentVolumeClaim): number | undefined {
  const had = claim.status?.capacity?.['storage'] as string | undefined
  if (capacity === undefined || had === undefined || compareQuantities(capacity, had) <= 0) return undefined
  return bytesValue(capacity)
}

/** The change of the claim's status once its volume has that capacity. */
export function expandedStatus(capacity: string, { status }: PersistentVolumeClaim): { status: object } {
  const conditions = (status?.conditions ?? []).filter(({ type }) => !resizing.has(type))
  return { status: { capacity: { storage: capacity }, conditions, allocatedResourceStatuses: { storage: null } } }
}
