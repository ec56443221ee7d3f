import type { KubeObject } from '../meta.ts'
import { emptySet, equalSets, type FieldSet, isEmptySet, pathsOf, setOf } from '../fields-v1/field-set.ts'
import { capUpdaters, isSameManager, type Manager } from '../fields-v1/managers.ts'
import { fieldsOfCreated } from '../fields-v1/created.ts'
import { compare } from '../fields-v1/owned.ts'
import { sharedDifference, sharedIntersection, sharedSet, sharedUnion } from '../fields-v1/shared.ts'
import { shapeOfObject } from '../fields-v1/shape.ts'
import type { StructSchema } from '../schema/index.ts'

/** Who owns what an object had before its first apply (kubernetes.io, "Server-Side Apply"). */
const BEFORE_FIRST_APPLY = 'before-first-apply'

/** The writer: an owner without its set. */
export type Writer = Omit<Manager, 'fields' | 'time'>

/** Fields that nobody owns: what names the object, and what the server alone writes. */
const unownedMetadata = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'generation',
  'managedFields',
  'resourceVersion',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const
const unowned: FieldSet = setOf([
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...unownedMetadata.map((name) => ['f:metadata', `f:${name}`]),
])

/** Leaves out what nobody owns. */
export const ownable = (fields: FieldSet): FieldSet => sharedDifference(fields, unowned)

const without = (fields: FieldSet, gone: FieldSet): FieldSet =>
  isEmptySet(gone) ? fields : sharedDifference(fields, gone)

/** One field that a write changes and another owns. */
export interface FieldConflict {
  owner: Manager
  path: readonly string[]
}

/** The changes of a write, as shared sets: fields it adds or gives another value, and fields it removes. */
export interface Changes {
  readonly taken: FieldSet
  readonly removed: FieldSet
}

/** Another version of a kind whose fields are others: an owner may know an object by those. */
export interface OtherVersion {
  readonly schema: StructSchema
  convert(object: KubeObject): KubeObject
  /** The way back, into the version that the write is in. */
  back(object: KubeObject): KubeObject
}

/** Undefined for versions that have the same fields as the one a write is in. */
export type OtherVersions = (apiVersion: string) => OtherVersion | undefined

/** What a write took and took away, as paths that can be owned. Without `before` everything is taken. */
export function changesOf(before: KubeObject | undefined, after: KubeObject, schema: StructSchema): Changes {
  const { added, modified, removed } = compare(before ?? {}, after, shapeOfObject(schema))
  return { taken: sharedSet(ownable(sharedUnion(added, modified))), removed: sharedSet(removed) }
}

/** The others' fields that the changes from an object to the next take from them, and the others as they are once it has. Each sees them in its own version. */
export function takeFrom(
  others: readonly Manager[],
  changes: Changes,
  [before, after]: readonly [KubeObject | undefined, KubeObject],
  versions?: OtherVersions,
): { conflicts: FieldConflict[]; left: Manager[] } {
  const conflicts: FieldConflict[] = []
  const left = others.map((owner) => {
    const other = before && versions?.(owner.apiVersion)
    const seen = other ? changesOf(other.convert(before), other.convert(after), other.schema) : changes
    const lost = sharedIntersection(owner.fields, seen.taken)
    conflicts.push(...pathsOf(lost).map((path) => ({ owner, path })))
    const fields = without(without(owner.fields, seen.taken), seen.removed)
    return fields === owner.fields ? owner : { ...owner, fields }
  })
  return { conflicts, left: left.filter(({ fields }) => !isEmptySet(fields)) }
}

/** The applier with its new set; its time stays when the set does. */
export function withSet(writer: Writer, before: Manager | undefined, fields: FieldSet, time: string): Manager {
  const unchanged = before !== undefined && before.apiVersion === writer.apiVersion && equalSets(before.fields, fields)
  return { ...writer, fields, time: unchanged ? before.time : time }
}

/** A plain write, in one version of its kind. */
export interface PlainWrite {
  before: KubeObject
  after: KubeObject
  /** Who owned what of `before`. */
  managers: readonly Manager[]
  writer: Writer
  /** Of the version that `before` and `after` are in. */
  schema: StructSchema
  /** RFC 3339: when it was. */
  time: string
  versions?: OtherVersions | undefined
}

/** The owners after a plain write: the writer owns what it added or changed, and nobody what it removed. Pure. */
export function ownersAfterUpdate(write: PlainWrite): Manager[] {
  const { before, after, managers, writer, schema, time, versions } = write
  const changes = changesOf(before, after, schema)
  const { taken, removed } = changes
  const own = managers.find((manager) => isSameManager(manager, writer))
  const others = managers.filter((manager) => manager !== own)
  const { left } = takeFrom(others, changes, [before, after], versions)
  const kept = own ? without(own.fields, removed) : emptySet
  if (isEmptySet(taken)) return isEmptySet(kept) ? left : [...left, { ...own!, fields: kept }]
  return capUpdaters([...left, { ...writer, fields: sharedUnion(kept, taken), time }])
}

/** The owner of a new object, as whom its creator is entered; none of one that has nothing to own. Pure. */
export function ownerOfCreated(object: KubeObject, writer: Writer, schema: StructSchema, time: string): Manager[] {
  const { apiVersion: _a, kind: _k, metadata, ...owned } = object
  const { ...about } = metadata as Partial<KubeObject['metadata']>
  for (const name of unownedMetadata) delete about[name]
  // Some of what nobody owns is there by itself, such as the metadata of a custom resource.
  const fields = sharedDifference(fieldsOfCreated({ metadata: about, ...owned }, schema), unowned)
  return isEmptySet(fields) ? [] : [{ ...writer, fields, time }]
}

/** The owner of everything that an object without owners has. */
export function ownerBefore(object: KubeObject, apiVersion: string, schema: StructSchema, time: string): Manager[] {
  const { managedFields: _, ...metadata } = object.metadata
  const writer: Writer = { manager: BEFORE_FIRST_APPLY, operation: 'Update', apiVersion, subresource: '' }
  return ownersAfterUpdate({
    before: {} as KubeObject,
    after: { ...object, metadata },
    managers: [],
    writer,
    schema,
    time,
  })
}
