import type { KindDescriptor, ServedVersion } from '../../../../src-kube/kinds/descriptor.ts'
import { formatApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { applyStaticDefaults, decode, findSchema } from '../../../../src-kube/machinery/schema/index.ts'
import type { AdmissionAttributes } from '../admission.ts'

/** An admission plugin that may change objects has made this one another kind or version. */
export class ChangedTypeError extends Error {
  override name = 'ChangedTypeError'
}

/** An object of the storage version as others see it in one of its versions. Subresources may be of a kind of their own, which stays. */
export function inVersion(
  object: KubeObject | undefined,
  { descriptor }: Pick<AdmissionAttributes, 'descriptor'>,
  served: ServedVersion,
): KubeObject | undefined {
  if (!object || (object.kind !== undefined && object.kind !== descriptor.kind)) return object
  const apiVersion = formatApiVersion(served.group, served.version)
  return { ...(served.fromStorage?.(object) ?? object), apiVersion, kind: descriptor.kind }
}

/**
 * Takes what another program made of the object: decoded, defaulted and converted as if it had been sent. The object changes in place, by
 * new parts. Throws {@link ChangedTypeError}.
 */
export function replaceBy(
  changed: unknown,
  object: KubeObject,
  { descriptor }: Pick<AdmissionAttributes, 'descriptor'>,
  served: ServedVersion,
): void {
  checkType(changed as KubeObject, object, descriptor, served)
  const made = stored(changed as KubeObject, descriptor, served)
  for (const field of Object.keys(object)) delete object[field]
  Object.assign(object, made)
}

function checkType(
  changed: KubeObject,
  before: KubeObject,
  descriptor: KindDescriptor,
  { group, version }: ServedVersion,
): void {
  const isOwn = before.kind === undefined || before.kind === descriptor.kind
  const apiVersion = isOwn ? formatApiVersion(group, version) : before.apiVersion
  const kind = isOwn ? descriptor.kind : before.kind
  if (changed.kind === kind && changed.apiVersion === apiVersion) return
  throw new ChangedTypeError(
    `admission made an object of ${apiVersion}, Kind=${kind} one of ${changed.apiVersion}, Kind=${changed.kind}`,
  )
}

function stored(changed: KubeObject, descriptor: KindDescriptor, served: ServedVersion): KubeObject {
  const apiVersion = formatApiVersion(descriptor.group, descriptor.storageVersion)
  // A custom kind's object is what the schema of the version asked for makes of it, whichever version others saw.
  const [own] = descriptor.served
  if (served.custom && own?.custom && changed.kind === descriptor.kind) {
    const { object } = own.custom.decode(changed)
    own.defaults?.(object)
    return { ...object, apiVersion }
  }
  const schema = changed.kind === descriptor.kind ? findSchema(changed.apiVersion, changed.kind) : undefined
  if (!schema) return changed
  const { object } = decode(changed, schema)
  object.kind = descriptor.kind
  applyStaticDefaults(object, schema)
  served.defaults?.(object)
  return { ...(served.toStorage?.(object) ?? object), apiVersion }
}
