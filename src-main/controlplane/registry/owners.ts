import type { ManagedFieldsEntry } from '#types/meta/v1'
import { StatusError } from '../../../src-kube/machinery/errors.ts'
import {
  decodeManagers,
  encodeManagers,
  isReset,
  lastOfEach,
  type Manager,
} from '../../../src-kube/machinery/fields-v1/managers.ts'
import { sharedFields, textOfFields } from '../../../src-kube/machinery/fields-v1/shared.ts'
import { formatApiVersion } from '../../../src-kube/machinery/gvk.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { ownerOfCreated, ownersAfterUpdate } from '../../../src-kube/machinery/patch/ownership.ts'
import { findSchema, type StructSchema } from '../../../src-kube/machinery/schema/index.ts'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import type { WriteRequest } from './context.ts'
import { acrossVersions, versionsBeside } from './other-versions.ts'
import type { Target, WriteOptions } from './registry.ts'

/** Whose the fields of an object are after a write: `metadata.managedFields` (kubernetes.io, "Server-Side Apply"); undefined for nobody's. */
export type Owners = (
  request: WriteRequest,
  object: KubeObject,
  old: KubeObject,
) => ManagedFieldsEntry[] | undefined | Promise<ManagedFieldsEntry[] | undefined>

/** Of a new object, before admission and the kind itself add what nobody owns: its creator owns what it has but a status with a subresource of its own. */
export function ownersOfCreated({ core, target, options }: WriteRequest, object: KubeObject) {
  const { schema, apiVersion, view } = versionOf(target)
  if (!schema) return undefined
  const whole = view(object)
  const { status: _, ...own } = whole
  const isApart = target.descriptor.subresources.some(({ name }) => name === 'status')
  const writer = writerOf(target, options, apiVersion)
  return encoded(ownerOfCreated(isApart ? own : whole, writer, schema, formatTime(core.clock.now())))
}

/**
 * The owners that entries tell of, in the versions that the kind has: a version that went took what was known in it along. Undefined for entries that
 * are none.
 */
export function ownersIn(entries: readonly ManagedFieldsEntry[], { descriptor }: Target): Manager[] | undefined {
  const own = formatApiVersion(descriptor.group, descriptor.storageVersion)
  const isKnown = ({ apiVersion }: Manager): boolean =>
    apiVersion === own ||
    descriptor.versions?.some((version) => formatApiVersion(descriptor.group, version) === apiVersion) === true ||
    descriptor.served.some(({ group, version }) => formatApiVersion(group, version) === apiVersion)
  try {
    return decodeManagers(entries).filter(isKnown)
  } catch (error) {
    if (error instanceof StatusError) return undefined
    throw error
  }
}

/**
 * After a plain write. Objects whose owners were forgotten have none until their next apply, or until somebody says who they are. The writer of the object itself may edit
 * them: `[{}]` forgets them; leaving them out keeps them, and so does sending what are no owners.
 */
export const ownersAfterWrite: Owners = ({ core, target, options }, object, old) => {
  const before = old.metadata.managedFields
  const sent = target.subresource === '' ? object.metadata.managedFields : undefined
  if (isReset(sent)) return undefined
  const edited = sent?.length && sent !== before ? ownersIn(sent, target) : undefined
  if (!before && !edited) return undefined
  const { schema, apiVersion, view } = versionOf(target)
  if (!schema) return before
  const managers = edited ? lastOfEach(edited) : (ownersIn(before!, target) ?? [])
  const time = formatTime(core.clock.now())
  const writer = writerOf(target, options, apiVersion)
  const change = { before: view(old), after: view(object), managers, writer, schema, time }
  return acrossVersions(core, target, (convert) =>
    encoded(ownersAfterUpdate({ ...change, versions: versionsBeside(target, apiVersion, convert) })),
  )
}

/** After what the server itself changes: nobody owns that. */
export const ownersKept: Owners = (_request, _object, { metadata }) => metadata.managedFields

const encoded = (owners: readonly Manager[]): ManagedFieldsEntry[] | undefined =>
  owners.length > 0 ? encodeManagers(owners) : undefined

const writerOf = ({ subresource }: Target, { fieldManager }: WriteOptions, apiVersion: string) =>
  ({ manager: fieldManager, operation: 'Update', apiVersion, subresource }) as const

interface WrittenVersion {
  apiVersion: string
  schema: StructSchema | undefined
  /** An object of the storage version as this one has it. */
  view(object: KubeObject): KubeObject
}

const asIs = (object: KubeObject): KubeObject => object

/** The version that a request speaks: its writer owns fields by their names in it. */
function versionOf({ descriptor, served }: Target): WrittenVersion {
  const apiVersion = formatApiVersion(served.group, served.version)
  const schema = served.custom?.struct ?? findSchema(apiVersion, descriptor.kind)
  return { apiVersion, schema, view: served.fromStorage ?? asIs }
}

/** The entries as JSON. Their sets are shared, and so is the text of these. */
export function textOfOwners(entries: readonly ManagedFieldsEntry[]): string {
  let text = ''
  for (const { fieldsV1, subresource, ...entry } of entries) {
    const head = JSON.stringify(entry)
    const fields = fieldsV1 === undefined ? '' : `,"fieldsV1":${textOfFields(fieldsV1 as Record<string, unknown>)}`
    const of = subresource === undefined ? '' : `,"subresource":${JSON.stringify(subresource)}`
    text += `${text === '' ? '' : ','}${head.slice(0, -1)}${fields}${of}}`
  }
  return `[${text}]`
}

/** Lets an object that was read share the sets of its owners with all that have the same. */
export function shareOwners({ metadata: { managedFields } }: KubeObject): void {
  for (const entry of managedFields ?? [])
    if (entry.fieldsV1 !== undefined) entry.fieldsV1 = sharedFields(JSON.stringify(entry.fieldsV1))
}
