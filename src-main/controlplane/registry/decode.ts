import type { KindDescriptor, ServedVersion } from '../../../src-kube/kinds/descriptor.ts'
import { badRequest } from '../../../src-kube/machinery/errors.ts'
import { formatApiVersion } from '../../../src-kube/machinery/gvk.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { applyStaticDefaults, decode, findSchema } from '../../../src-kube/machinery/schema/index.ts'
import type { WriteOptions } from './registry.ts'

/**
 * A body as an object of the storage version: checked, defaulted in the version it came in, converted. Unknown fields are refused,
 * warned of or dropped, as the client asked (kubernetes.io, "Kubernetes API Concepts: Field validation").
 */
export function decodeBody(
  descriptor: KindDescriptor,
  served: ServedVersion,
  body: unknown,
  options: Pick<WriteOptions, 'fieldValidation' | 'warn'>,
): KubeObject {
  const apiVersion = formatApiVersion(served.group, served.version)
  const schema = findSchema(apiVersion, descriptor.kind)
  if (!schema)
    throw badRequest(
      `no kind ${JSON.stringify(descriptor.kind)} is registered for version ${JSON.stringify(apiVersion)}`,
    )
  const { object, problems } = decode(body, schema)
  if (problems.length > 0 && options.fieldValidation === 'Strict')
    throw badRequest(`strict decoding error: ${problems.join(', ')}`)
  if (options.fieldValidation === 'Warn') problems.forEach((problem) => options.warn(problem))
  object.apiVersion = apiVersion
  object.kind = descriptor.kind
  object.metadata ??= {} as KubeObject['metadata']
  applyStaticDefaults(object, schema)
  served.defaults?.(object)
  return toStorage(descriptor, served, object)
}

function toStorage(descriptor: KindDescriptor, served: ServedVersion, object: KubeObject): KubeObject {
  const apiVersion = formatApiVersion(descriptor.group, descriptor.storageVersion)
  if (served.toStorage) return { ...served.toStorage(object), apiVersion }
  object.apiVersion = apiVersion
  return object
}

/** The options for decoding the same body once more: what was to be said of it is said. */
export const quiet = (options: WriteOptions): WriteOptions => ({ ...options, fieldValidation: 'Ignore' })
