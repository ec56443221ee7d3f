/** Who wrote a version of an object, as its managed fields tell (kubernetes.io, "Server-Side Apply: Field management"). */
import type { ManagedFieldsEntry } from '#types/meta/v1'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { isSame } from '../api/three-way.ts'

/** Who wrote fields, from the object's `managedFields` (kubernetes.io, "Server-Side Apply: Field management"). */
export interface Writer {
  manager: string
  operation: string
  subresource: string
}

/**
 * Those whose entry came or changed with this version; else, as an entry is no finer than a second, those who wrote in that of its commit
 * (`time`, ms since the epoch). None where a server keeps no such entries.
 */
export function writersOf(after: KubeObject, before: KubeObject | undefined, time?: number): Writer[] {
  const earlier = before?.metadata.managedFields ?? []
  const all = after.metadata.managedFields ?? []
  const written = all.filter((entry) => {
    const same = earlier.find((one) => isOf(one, entry))
    return !same || same.time !== entry.time || !isSame(same.fieldsV1, entry.fieldsV1)
  })
  const changed = before ? written.filter((entry) => !isOnlyLess(entry, earlier)) : written
  const then = all.filter((entry) => time !== undefined && secondOf(Date.parse(entry.time ?? '')) === secondOf(time))
  return ([changed, written, then].find((some) => some.length > 0) ?? []).map(
    ({ manager = '', operation = '', subresource = '' }) => ({
      manager,
      operation,
      subresource,
    }),
  )
}

const secondOf = (time: number): number => Math.floor(time / 1000)

const isOf = (a: ManagedFieldsEntry, b: ManagedFieldsEntry): boolean =>
  a.manager === b.manager &&
  a.operation === b.operation &&
  (a.subresource ?? '') === (b.subresource ?? '') &&
  a.apiVersion === b.apiVersion

/** An entry that kept its time lost fields to another: who lost them did not write. */
const isOnlyLess = (entry: ManagedFieldsEntry, earlier: readonly ManagedFieldsEntry[]): boolean =>
  earlier.some((one) => isOf(one, entry) && one.time === entry.time) && entry.time !== undefined
