import { badRequest, StatusError, unsupportedMediaType } from '../../../src-kube/machinery/errors.ts'
import { pathText } from '../../../src-kube/machinery/fields-v1/encode.ts'
import { encodeManagers } from '../../../src-kube/machinery/fields-v1/managers.ts'
import { findDuplicate, shapeOfObject } from '../../../src-kube/machinery/fields-v1/shape.ts'
import { formatApiVersion } from '../../../src-kube/machinery/gvk.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { applyConflict } from '../../../src-kube/machinery/patch/apply-conflict.ts'
import { apply, type ApplyInput } from '../../../src-kube/machinery/patch/apply.ts'
import { ownerBefore } from '../../../src-kube/machinery/patch/ownership.ts'
import { listOfFaults, typeFaults } from '../../../src-kube/machinery/patch/type-faults.ts'
import { decodeAsGiven, type Decoded, type StructSchema } from '../../../src-kube/machinery/schema/index.ts'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import type { WriteRequest } from './context.ts'
import { schemaFor } from './decode.ts'
import { annotationsAfter, conflictsLeft } from './last-applied.ts'
import { versionsBeside, type Convert } from './other-versions.ts'
import { ownersIn } from './owners.ts'
import type { Target } from './registry.ts'
import { withValue } from './subresources/scale.ts'
import { broughtBy } from './subresources/status.ts'

/**
 * The object that an apply asks for, with its `managedFields`, in the asked version and not yet defaulted; pure but for the clock. Of an object
 * that is not there (`current` undefined) it is the configuration itself. Throws `StatusError` 409 for fields that others own.
 */
export function applied(
  { core, target, options }: WriteRequest,
  body: unknown,
  current: KubeObject | undefined,
  convert?: Convert,
): KubeObject {
  const apiVersion = formatApiVersion(target.served.group, target.served.version)
  const schema = schemaFor(target.descriptor, target.served)
  if (!schema) throw unsupportedMediaType('apply patches are not supported for this kind')
  const time = formatTime(core.clock.now())
  const known = current?.metadata.managedFields
  const input: ApplyInput = {
    current,
    applied: configurationOf(target, body, schema),
    managers: known ? (ownersIn(known, target) ?? []) : current ? ownerBefore(current, apiVersion, schema, time) : [],
    writer: { manager: options.fieldManager, operation: 'Apply', apiVersion, subresource: target.subresource },
    force: options.force ?? false,
    schema,
    time,
    versions: versionsBeside(target, apiVersion, convert),
  }
  let result = apply(input)
  const left = 'conflicts' in result ? conflictsLeft(input, result.conflicts) : []
  if (left.length > 0) throw applyConflict(left)
  if ('conflicts' in result) result = apply({ ...input, force: true })
  if ('conflicts' in result) throw applyConflict(result.conflicts)
  const managedFields = encodeManagers(result.managers)
  const annotations = annotationsAfter(input, result.object)
  const metadata = {
    ...result.object.metadata,
    ...(annotations ? { annotations } : {}),
    resourceVersion: input.applied.metadata.resourceVersion as string,
    managedFields: managedFields.length > 0 ? managedFields : undefined,
  }
  return { ...result.object, metadata }
}

/** What an apply brings, which may be nothing at all. */
function mapIn(body: unknown): object {
  if (typeof body === 'object' && !Array.isArray(body)) return body ?? {}
  if (body === undefined) return {}
  const type = Array.isArray(body) ? 'array' : typeof body === 'boolean' ? 'bool' : typeof body
  const why = `json: cannot unmarshal ${type} into Go value of type map[string]interface {}`
  throw badRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: ${why}`)
}

/** As Go writes that of an object that does not say its kind. */
const groupVersionKind = (apiVersion: string): string => `${apiVersion.includes('/') ? '' : '/'}${apiVersion}, Kind=`

/** What the applier may own here, checked: neither the status with the object nor the object with its status. */
function configurationOf(target: Target, body: unknown, schema: StructSchema): KubeObject {
  const { descriptor, subresource } = target
  const given = mapIn(body)
  const sent = subresource === 'scale' ? scaled(target, given) : given
  const { object, problems } = target.served.custom?.decode(sent) ?? decoded(target, sent, schema)
  if (object.apiVersion !== schema.groupVersion)
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${object.apiVersion ?? ''}, expected: ${schema.groupVersion}`,
    )
  if (!object.kind) throw untyped(target, [`no corresponding type for ${groupVersionKind(schema.groupVersion)}`], '')
  if (object.kind !== descriptor.kind) throw badRequest(`${object.kind} cannot be handled as a ${descriptor.kind}`)
  if (problems.length > 0)
    throw untyped(
      target,
      problems.map((problem) => problem.replace(/^unknown field "(.*)"$/, '.$1: field not declared in schema')),
    )
  const twice = findDuplicate(object, shapeOfObject(schema))
  if (twice)
    throw untyped(target, [`${pathText(twice.slice(0, -1))}: duplicate entries for key ${pathText(twice.slice(-1))}`])
  if (object.metadata?.managedFields) throw badRequest('metadata.managedFields must be nil')
  const metadata = object.metadata ?? ({} as KubeObject['metadata'])
  const { apiVersion, kind } = object
  if (subresource === 'status')
    return { apiVersion, kind, metadata: withStatusOf(target, metadata), status: object['status'] }
  if (!descriptor.subresources.some(({ name }) => name === 'status')) return { ...object, metadata }
  const { status: _, ...rest } = object
  return { ...rest, metadata }
}

/** Throws for a configuration of another type, which tells all that does not fit. */
function decoded(target: Target, sent: unknown, schema: StructSchema): Decoded {
  try {
    return decodeAsGiven(sent, schema)
  } catch (error) {
    const faults = error instanceof StatusError ? typeFaults(sent, schema) : []
    throw faults.length > 0 ? untyped(target, faults) : error
  }
}

/** Of the metadata what says which object is meant. */
const named = ({ name, namespace, uid, resourceVersion }: KubeObject['metadata']): KubeObject['metadata'] =>
  ({
    name,
    ...(namespace ? { namespace } : {}),
    ...(uid ? { uid } : {}),
    ...(resourceVersion ? { resourceVersion } : {}),
  }) as KubeObject['metadata']

/** Of the metadata which object is meant, and what a status of the kind brings with it. */
function withStatusOf(target: Target, metadata: KubeObject['metadata']): KubeObject['metadata'] {
  const brought = broughtBy(target).filter((part) => metadata[part] !== undefined)
  return { ...named(metadata), ...Object.fromEntries(brought.map((part) => [part, metadata[part]])) }
}

/** A Scale as the object it scales: its owner owns the number of replicas there. */
function scaled({ descriptor, served }: Target, body: unknown): unknown {
  const { metadata, spec } = (body ?? {}) as { metadata?: KubeObject['metadata']; spec?: { replicas?: unknown } }
  const apiVersion = formatApiVersion(served.group, served.version)
  const object = { apiVersion, kind: descriptor.kind, metadata: named(metadata ?? ({} as never)) }
  return withValue(object, descriptor.scale!.spec, spec?.replicas)
}

/** Unlike other writes, an apply cannot leave out what it does not understand: who would own it? */
function untyped(
  { namespace, name, descriptor, served }: Target,
  problems: readonly string[],
  kind = descriptor.kind,
): StatusError {
  const place = `${namespace}/${name}; ${formatApiVersion(served.group, served.version)}, Kind=${kind}`
  // What has no reason of its own is of an unknown one, which is told by saying none.
  return new StatusError(500, '', `failed to create typed patch object (${place}): ${listOfFaults(problems)}`)
}
