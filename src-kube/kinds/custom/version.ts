import { badRequest, StatusError } from '../../machinery/errors.ts'
import { formatApiVersion } from '../../machinery/gvk.ts'
import type { KubeObject } from '../../machinery/meta.ts'
import { decode, schemaOf, type Decoded, type StructSchema } from '../../machinery/schema/index.ts'
import { applyDefaults } from '../../machinery/structural/defaults.ts'
import { prune } from '../../machinery/structural/prune.ts'
import { structOfSchema } from '../../machinery/structural/struct-schema.ts'
import {
  asResource,
  isFields,
  itemsOf,
  propertyOf,
  type Fields,
  type JsonSchema,
} from '../../machinery/structural/types.ts'

/** What a version of a custom resource brings along in place of the tables of facts. */
export interface CustomVersion {
  /** Undefined where a definition of v1beta1 has none. */
  readonly schema: JsonSchema | undefined
  /** Whether fields that the schema does not know stay, wherever they are: a definition of v1beta1 that says so. */
  readonly preserves: boolean
  /** Its fields as server-side apply knows them. */
  readonly struct: StructSchema
  /** A body as an object: metadata checked, fields pruned and told of. Throws `StatusError` 400. The body is not changed. */
  decode(body: unknown): Decoded
  /** Fills in defaults; changes the object. */
  applyDefaults(object: KubeObject): void
}

/** One version of a CustomResourceDefinition. */
export interface CustomVersionOptions {
  group: string
  version: string
  kind: string
  schema: JsonSchema | undefined
  /** Nothing is pruned and nothing defaulted: a definition of v1beta1 that says so. */
  preserveUnknownFields: boolean
}

/** All that the machinery needs of one version of a custom resource, made once from its schema. */
export function customVersion(options: CustomVersionOptions): CustomVersion {
  const { group, version, kind, schema, preserveUnknownFields } = options
  const embeds = embedsResources(schema)
  const whole = asResource(schema)
  return {
    schema,
    preserves: preserveUnknownFields,
    struct: structOfSchema(formatApiVersion(group, version), kind, preserveUnknownFields ? undefined : schema),
    decode(body) {
      if (!isFields(body)) throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: no object`)
      const object = structuredClone(body) as KubeObject
      const problems = settleMetadata(object, kind, '')
      if (!preserveUnknownFields) problems.push(...prune(object, whole).map(unknownField))
      if (embeds) problems.push(...settleEmbedded(object, schema, { kind, version }, ''))
      return { object, problems }
    },
    applyDefaults(object) {
      if (!preserveUnknownFields) applyDefaults(object, schema)
    },
  }
}

const unknownField = (path: string): string => `unknown field "${path}"`

/** The metadata is not the schema's business: it has the form that all objects share. Answers what is unknown in it. */
function settleMetadata(object: Fields, kind: string, path: string): string[] {
  if (object['metadata'] === undefined) return []
  const { metadata, problems } = decodeMetadata(object['metadata'], kind)
  if (metadata === undefined) delete object['metadata']
  else object['metadata'] = metadata
  return path === '' ? problems : problems.map((problem) => problem.replace('"metadata.', `"${path}.metadata.`))
}

function decodeMetadata(metadata: unknown, kind: string): { metadata: unknown; problems: string[] } {
  try {
    const { object, problems } = decode({ metadata }, schemaOf('meta/v1', 'PartialObjectMetadata'))
    return { metadata: object.metadata, problems }
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    throw badRequest(error.message.replaceAll('PartialObjectMetadata', kind))
  }
}

const embedsResources = (schema: JsonSchema | undefined): boolean =>
  schema !== undefined &&
  (schema['x-kubernetes-embedded-resource'] === true || nestedIn(schema).some((nested) => embedsResources(nested)))

function nestedIn(schema: JsonSchema): JsonSchema[] {
  const { additionalProperties, properties = {} } = schema
  const items = itemsOf(schema)
  const more = typeof additionalProperties === 'object' ? [additionalProperties] : []
  return [...Object.values(properties), ...(items ? [items] : []), ...more]
}

/** What an object is, as words about it say. */
interface Named {
  kind: string
  version: string
}

/** As {@link settleMetadata}, for the objects within the object, which say in text what they are: throws 400 where they do not. */
function settleEmbedded(value: unknown, schema: JsonSchema | undefined, named: Named, path: string): string[] {
  if (!schema) return []
  if (Array.isArray(value))
    return value.flatMap((item, i) => settleEmbedded(item, itemsOf(schema), named, `${path}[${i}]`))
  if (!isFields(value)) return []
  const isResource = path !== '' && schema['x-kubernetes-embedded-resource'] === true
  if (isResource) refuseOddTypes(value, named, path)
  const own = isResource ? settleMetadata(value, named.kind, path) : []
  const within = Object.entries(value).flatMap(([name, part]) =>
    settleEmbedded(part, propertyOf(schema, name), named, path === '' ? name : `${path}.${name}`),
  )
  return [...own, ...within]
}

function refuseOddTypes(value: Fields, { kind, version }: Named, path: string): void {
  for (const name of ['apiVersion', 'kind']) {
    const said = value[name]
    if (said === undefined || typeof said === 'string') continue
    const words = `${path}.${name}: Invalid value: ${said === null ? '"null"' : JSON.stringify(said)}: must be a string`
    throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${words}`)
  }
}
