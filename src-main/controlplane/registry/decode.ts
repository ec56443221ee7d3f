import type { KindDescriptor, ServedVersion } from '../../../src-kube/kinds/descriptor.ts'
import { badRequest } from '../../../src-kube/machinery/errors.ts'
import { formatApiVersion } from '../../../src-kube/machinery/gvk.ts'
import type { KeyPlaces } from '../../../src-kube/machinery/key-places.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import {
  applyStaticDefaults,
  decode,
  findSchema,
  refuseFractions,
  type Origin,
  type StructSchema,
} from '../../../src-kube/machinery/schema/index.ts'
import type { Target, WriteOptions } from './registry.ts'

/**
 * A body as an object of the storage version: checked, defaulted in the version it came in, converted. Unknown fields are refused,
 * warned of or dropped, as the client asked (kubernetes.io, "Kubernetes API Concepts: Field validation"). Top-level fields that a patch left as
 * they are in `known`, the stored object in the same version, are that object's own: nobody may write into them. A body that is the request's `own` becomes the object.
 */
export function decodeBody(
  { descriptor, served }: Pick<Target, 'descriptor' | 'served'>,
  body: unknown,
  options: Pick<WriteOptions, 'fieldValidation' | 'warn' | 'keys' | 'faults'>,
  origin: Origin = {},
): KubeObject {
  const { known } = origin
  const apiVersion = formatApiVersion(served.group, served.version)
  const schema = schemaFor(descriptor, served)
  if (!schema)
    throw badRequest(
      `no kind ${JSON.stringify(descriptor.kind)} is registered for version ${JSON.stringify(apiVersion)}`,
    )
  const { custom } = served
  const { object, problems: unknown } = custom ? custom.decode(body) : decode(body, schema, origin)
  if (options.keys && !custom) refuseFractions(schema, options.keys.fractions)
  const told = options.keys ? withDuplicates(unknown, options.keys) : unknown
  const problems = options.faults ? [...options.faults, ...told] : told
  if (problems.length > 0 && options.fieldValidation === 'Strict') {
    const words = `strict decoding error: ${problems.join(', ')}`
    // Of a patch no object was sent that could be named.
    const { kind } = descriptor
    throw badRequest(known ? words : `${kind} in version "${served.version}" cannot be handled as a ${kind}: ${words}`)
  }
  if (options.fieldValidation === 'Warn') problems.forEach((problem) => options.warn(problem))
  object.apiVersion = apiVersion
  object.kind = descriptor.kind
  object.metadata ??= {} as KubeObject['metadata']
  // What judges an object need not ask whether it has a name at all.
  object.metadata.name ??= ''
  if (!custom) {
    // A spec that was left out is an empty one: in Go it is a part of the object, not a reference.
    if (object['spec'] === undefined && schema.fields.get('spec')?.type.kind === 'struct') object['spec'] = {}
    applyStaticDefaults(object, schema, known)
  }
  if (!known || descriptor.defaultsMetadata || !isUntouched(object, known)) served.defaults?.(object)
  return toStorage(descriptor, served, object)
}

/** Fields that are there twice among those that are unknown, in the order of the document. What is below an unknown field is not looked at. */
function withDuplicates(unknown: readonly string[], { duplicates, placeOf }: KeyPlaces): readonly string[] {
  if (duplicates.length === 0) return unknown
  const paths = unknown.map((problem) => /^unknown field "(.*)"$/.exec(problem)?.[1] ?? '')
  const isBelow = (path: string, above: string): boolean =>
    path === above || path.startsWith(`${above}.`) || path.startsWith(`${above}[`)
  return [
    ...unknown.map((words, i) => ({ words, at: placeOf(paths[i]!) ?? 0 })),
    ...duplicates
      .filter(({ path }) => !paths.some((above) => isBelow(path, above)))
      .map(({ path, at }) => ({ words: `duplicate field "${path}"`, at })),
  ]
    .sort((a, b) => a.at - b.at)
    .map(({ words }) => words)
}

/** What is known of a kind's fields in a version: from the tables of facts or from its own definition. */
export function schemaFor({ kind }: KindDescriptor, served: ServedVersion): StructSchema | undefined {
  return served.custom ? served.custom.struct : findSchema(formatApiVersion(served.group, served.version), kind)
}

/** Whether all but metadata and status are the same values, not only equal ones: what the spec decides was decided before. */
export function isUntouched(object: KubeObject, old: KubeObject): boolean {
  for (const name in object) {
    if (name === 'metadata' || name === 'status' || name === 'apiVersion' || name === 'kind') continue
    if (object[name] !== old[name]) return false
  }
  for (const name in old) if (old[name] !== undefined && object[name] === undefined && name !== 'status') return false
  return true
}

function toStorage(descriptor: KindDescriptor, served: ServedVersion, object: KubeObject): KubeObject {
  const apiVersion = formatApiVersion(descriptor.group, descriptor.storageVersion)
  if (served.toStorage) return { ...served.toStorage(object), apiVersion }
  object.apiVersion = apiVersion
  return object
}

/** The options for decoding the same body once more: what was to be said of it is said. */
export const quiet = (options: WriteOptions): WriteOptions => ({ ...options, fieldValidation: 'Ignore', silent: true })
