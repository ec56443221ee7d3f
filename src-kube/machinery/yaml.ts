import {
  FAILSAFE_SCHEMA,
  NOT_RESOLVED,
  Schema,
  YAMLException,
  boolYaml11Tag,
  defineScalarTag,
  floatCoreTag,
  loadAll,
  mergeTag,
  nullYaml11Tag,
} from 'js-yaml'
import { badRequest } from './errors.ts'

const INTEGER = /^([-+]?)(?:0b([01_]+)|0o?([0-7_]+)|0x([0-9a-fA-F_]+)|(0|[1-9][0-9_]*))$/
/** Of the groups of {@link INTEGER} behind the sign. */
const bases = [2, 8, 16, 10]

function integer(source: string): number | typeof NOT_RESOLVED {
  const match = INTEGER.exec(source)
  if (!match) return NOT_RESOLVED
  const [, sign, ...byBase] = match
  const at = byBase.findIndex((digits) => digits !== undefined)
  const value = Number.parseInt(byBase[at]!.replaceAll('_', ''), bases[at])
  return sign === '-' ? -value : value
}

/** 0777 and 0o17 are octal, 1_000 is a thousand, 12:30 is no number. */
const intTag = defineScalarTag<number>('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: ['-', '+', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  resolve: integer,
  identify: (value) => Number.isInteger(value),
})

/** Scalars as kubectl and the API server read them: YAML 1.1's null and booleans, dates and times stay text, `<<` merges. */
const kubernetesSchema = new Schema([
  ...FAILSAFE_SCHEMA.tags,
  nullYaml11Tag,
  boolYaml11Tag,
  intTag,
  floatCoreTag,
  mergeTag,
])

/** Values that aliases may multiply a document to: beyond, it was written to exhaust memory. */
const MOST_VALUES = 1_000_000

/** One document; undefined for an empty text. Throws `StatusError` 400 in the API server's words, also for several documents. */
export function parseYaml(text: string): unknown {
  const documents = parseYamlDocuments(text)
  if (documents.length > 1)
    throw badRequest('error converting YAML to JSON: yaml: expected a single document in the stream')
  return documents[0]
}

/** Every document that is not empty, in order. Throws as {@link parseYaml} does. */
export function parseYamlDocuments(text: string): unknown[] {
  let documents: unknown[]
  try {
    documents = loadAll(text, { schema: kubernetesSchema })
  } catch (cause) {
    if (!(cause instanceof YAMLException)) throw cause
    const line = cause.mark ? `line ${cause.mark.line + 1}: ` : ''
    throw badRequest(`error converting YAML to JSON: yaml: ${line}${cause.reason}`)
  }
  let left = MOST_VALUES
  const count = (value: unknown): void => {
    if (--left < 0) throw badRequest('error converting YAML to JSON: yaml: document contains excessive aliasing')
    if (typeof value === 'object' && value !== null) Object.values(value).forEach(count)
  }
  documents.forEach(count)
  return documents.filter((document) => document !== null && document !== undefined)
}
