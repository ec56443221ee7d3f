import type { ManagedFieldsEntry } from '#types/meta/v1'
import { badRequest } from '../errors.ts'
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

/** Throws `StatusError` 400 for an entry that says not what is owned, in which version, or by which kind of write. */
export function decodeManagers(entries: readonly ManagedFieldsEntry[]): Manager[] {
  return entries.map(({ manager = '', operation, apiVersion, subresource = '', time, fieldsType, fieldsV1 }) => {
    if (operation !== 'Apply' && operation !== 'Update') throw badRequest('operation must be `Apply` or `Update`')
    if (!apiVersion) throw badRequest('apiVersion must not be empty')
    if (fieldsType !== 'FieldsV1') throw badRequest(`invalid fieldsType ${JSON.stringify(fieldsType ?? '')}`)
    const fields = fieldsV1 ? decodeShared(fieldsV1 as Record<string, unknown>) : emptySet
    return { manager, operation, apiVersion, subresource, time, fields }
  })
}

/** Of entries that are one owner the last. */
export const lastOfEach = (managers: readonly Manager[]): Manager[] =>
  managers.filter((manager, i) => !managers.some((other, j) => j > i && isSameManager(manager, other)))

/** Entries in the order of the API: appliers first, then by time, then by name. Owners of nothing are left out. */
export function encodeManagers(managers: readonly Manager[]): ManagedFieldsEntry[] {
  const order = ({ operation, time, manager, apiVersion, subresource }: Manager): string =>
    [operation, time ?? '', manager, apiVersion, subresource].join('\u0000')
  return managers
    .filter(({ fields }) => !isEmptySet(fields))
    .map((manager) => ({ manager, key: order(manager) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ manager: { manager, operation, apiVersion, subresource, time, fields } }) => ({
      ...(manager ? { manager } : {}),
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
