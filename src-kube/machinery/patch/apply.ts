import { emptySet, isEmptySet, union, type FieldSet } from '../fields-v1/field-set.ts'
import { isSameManager, type Manager } from '../fields-v1/managers.ts'
import { compare, fieldsOf } from '../fields-v1/owned.ts'
import { shapeOfObject } from '../fields-v1/shape.ts'
import type { KubeObject } from '../meta.ts'
import type { StructSchema } from '../schema/index.ts'
import {
  changesOf,
  ownable,
  takeFrom,
  withSet,
  type FieldConflict,
  type OtherVersions,
  type Writer,
} from './ownership.ts'
import { prune, typedMerge } from './typed-merge.ts'

/** A server-side apply (kubernetes.io, "Server-Side Apply"): what is there, what is applied, and by whom. */
export interface ApplyInput {
  /** The object as it stands, in the version of the configuration; undefined when there is none. */
  current: KubeObject | undefined
  /** What the applier wants to own: decoded, without defaults. */
  applied: KubeObject
  /** Who owns what of the current object. */
  managers: readonly Manager[]
  /** The applier. */
  writer: Writer
  /** Take fields that others own. */
  force: boolean
  schema: StructSchema
  /** RFC 3339; marks sets that changed. */
  time: string
  /** In which others may own fields. */
  versions?: OtherVersions
}

interface Pruning extends ApplyInput {
  /** The configuration laid over the object. */
  merged: KubeObject
  /** The applier, as whom it applied last. */
  own: Manager | undefined
  /** What somebody owns now. */
  owned: FieldSet
}

/** Without the fields that the applier set last time and nobody owns now. Fields set in another version are removed in that version. */
function pruned({ merged, own, owned, managers, versions, schema }: Pruning): KubeObject {
  const shape = shapeOfObject(schema)
  const other = own && versions?.(own.apiVersion)
  if (!other) return prune(merged, own?.fields ?? emptySet, owned, shape) as KubeObject
  const kept = managers.filter((manager) => manager !== own && manager.apiVersion === own.apiVersion)
  const ownedThere = kept.reduce((sum, { fields }) => union(sum, fields), emptySet)
  const there = other.convert(merged)
  const left = prune(there, own.fields, ownedThere, shapeOfObject(other.schema)) as KubeObject
  if (left === there) return merged
  return prune(merged, compare(merged, other.back(left), shape).removed, owned, shape) as KubeObject
}

/** What an apply makes of an object, or whose fields stand in its way. */
export type Applied = { object: KubeObject; managers: Manager[] } | { conflicts: FieldConflict[] }

/**
 * Server-side apply (kubernetes.io, "Server-Side Apply"; KEP-555). The configuration is laid over the object; what the same applier gave
 * before and gives no more goes, unless another owns it. Changing what others own is a conflict; setting it to the value that
 * stands shares it. Pure: the current object is not changed and shares its untouched parts with the result.
 */
export function apply(input: ApplyInput): Applied {
  const { current, applied, managers, writer, schema, time } = input
  const shape = shapeOfObject(schema)
  const given = fieldsOf(applied, shape)
  const own = managers.find((manager) => isSameManager(manager, writer))
  const others = managers.filter((manager) => manager !== own)
  const merged = typedMerge(current ?? {}, applied, shape)
  const owned = others.reduce((sum, { fields }) => union(sum, fields), given)
  const object = pruned({ ...input, merged: merged as KubeObject, own, owned })
  const { conflicts, left } = takeFrom(others, changesOf(current, object, schema), [current, object], input.versions)
  if (conflicts.length > 0 && !input.force) return { conflicts }
  const fields = ownable(given)
  return { object, managers: isEmptySet(fields) ? left : [...left, withSet(writer, own, fields, time)] }
}
