import type { ManagedFieldsEntry } from '#types/meta/v1'
import { emptySet, isEmptySet, union, type FieldSet } from './field-set.ts'
import { decodeShared, encodeShared } from './shared.ts'

/** One owner of fields: an entry of `metadata.managedFields` with its set decoded. */
export interface Manager {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  /** The version that the paths are of: `apps/v1`. */
  readonly apiVersion: string
  /** `` for the object itself. */
  readonly subresource: string
  /** RFC 3339, when the set last changed. */
  readonly time: string | undefined
  readonly fields: FieldSet
}

/** Whether two entries are one owner: appliers are it in every version, updaters in one. */
export const isSameManager = (a: Omit<Manager, 'fields' | 'time'>, b: Omit<Manager, 'fields' | 'time'>): boolean =>
  a.manager === b.manager &&
  a.operation === b.operation &&
  a.subresource === b.subresource &&
  (a.operation === 'Apply' || a.apiVersion === b.apiVersion)

/** Throws `StatusError` 400 for a set that is none. */
export function decodeManagers(entries: readonly ManagedFieldsEntry[]): Manager[] {
  return entries.map((entry) => ({
    manager: entry.manager ?? '',
    operation: entry.operation === 'Apply' ? 'Apply' : 'Update',
    apiVersion: entry.apiVersion ?? '',
    subresource: entry.subresource ?? '',
    time: entry.time,
    fields: entry.fieldsV1 ? decodeShared(entry.fieldsV1 as Record<string, unknown>) : emptySet,
  }))
}

/** Entries in the order of the API: appliers first, then by time, then by name. Owners of nothing are left out. */
export function encodeManagers(managers: readonly Manager[]): ManagedFieldsEntry[] {
  const order = ({ operation, time, manager, apiVersion, subresource }: Manager): string =>
    [operation, time ?? '', manager, apiVersion, subresource].join('\u0000')
  return managers
    .filter(({ fields }) => !isEmptySet(fields))
    .map((manager) => ({ manager, key: order(manager) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ manager: { manager, operation, apiVersion, subresource, time, fields } }) => ({
      manager,
      operation,
      apiVersion,
      ...(time === undefined ? {} : { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: encodeShared(fields),
      ...(subresource ? { subresource } : {}),
    }))
}

/** Updaters that an object remembers by name; those whose sets changed longest ago become one. */
const MOST_UPDATERS = 10
const ANCIENT = 'ancient-changes'

/** At most ten updaters: the oldest of each version are summed up as `ancient-changes`, so that the list does not grow for ever. */
export function capUpdaters(managers: readonly Manager[]): Manager[] {
  const updaters = managers.filter(({ operation }) => operation === 'Update')
  if (updaters.length <= MOST_UPDATERS) return [...managers]
  const oldest = updaters.sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? -1 : 1))
  const kept = new Set(managers)
  const ancient = new Map<string, Manager>()
  for (const manager of oldest) {
    if (kept.size + ancient.size <= managers.length - updaters.length + MOST_UPDATERS) break
    kept.delete(manager)
    const sum = ancient.get(manager.apiVersion)
    const fields = sum ? union(sum.fields, manager.fields) : manager.fields
    ancient.set(manager.apiVersion, { ...manager, manager: ANCIENT, subresource: '', fields })
  }
  return [...kept, ...ancient.values()]
}

/** `[{}]` asks to forget who owns what. Neither absence nor `[]` does: clients that know nothing of owners write so. */
export const isReset = (entries: readonly ManagedFieldsEntry[] | undefined): boolean =>
  entries?.length === 1 && Object.values(entries[0]!).every((value) => value === undefined || value === '')
