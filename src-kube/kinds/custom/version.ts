import { badRequest } from '../../machinery/errors.ts'
import { formatApiVersion } from '../../machinery/gvk.ts'
import type { KubeObject } from '../../machinery/meta.ts'
import { decode, schemaOf, type Decoded, type StructSchema } from '../../machinery/schema/index.ts'
import { applyDefaults } from '../../machinery/structural/defaults.ts'
import { prune } from '../../machinery/structural/prune.ts'
import { structOfSchema } from '../../machinery/structural/struct-schema.ts'
import { isFields, type JsonSchema } from '../../machinery/structural/types.ts'

/** What a version of a custom resource brings along in place of the tables of facts. */
export interface CustomVersion {
  /** Undefined where a definition of v1beta1 has none. */
  readonly schema: JsonSchema | undefined
  /** Its fields as server-side apply knows them. */
  readonly struct: StructSchema
  /** A body as an object: metadata checked, fields pruned and told of. Throws `StatusError` 400. The body is not changed. */
  decode(body: unknown): Decoded
  /** Fills in defaults; changes the object. */
  applyDefaults(object: KubeObject): void
}

export interface CustomVersionOptions {
  group: string
  version: string
  kind: string
  schema: JsonSchema | undefined
  /** Nothing is pruned and nothing defaulted: a definition of v1beta1 that says so. */
  preserveUnknownFields: boolean
}

export function customVersion(options: CustomVersionOptions): CustomVersion {
  const { group, version, kind, schema, preserveUnknownFields } = options
  return {
    schema,
    struct: structOfSchema(formatApiVersion(group, version), kind, preserveUnknownFields ? undefined : schema),
    decode(body) {
      if (!isFields(body)) throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: no object`)
      const object = structuredClone(body) as KubeObject
      const meta = decodeMetadata(object, kind)
      if (meta.object.metadata === undefined) delete (object as Partial<KubeObject>).metadata
      else object.metadata = meta.object.metadata
      const problems = preserveUnknownFields ? [] : prune(object, schema, true)
      return { object, problems: [...meta.problems, ...problems.map((path) => `unknown field "${path}"`)] }
    },
    applyDefaults(object) {
      if (!preserveUnknownFields) applyDefaults(object, schema)
    },
  }
}

/** The metadata is not the schema's business: it has the form that all objects share. */
function decodeMetadata({ metadata }: KubeObject, kind: string): Decoded {
  try {
    return decode({ metadata }, schemaOf('meta/v1', 'PartialObjectMetadata'))
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw badRequest(error.message.replaceAll('PartialObjectMetadata', kind))
  }
}
