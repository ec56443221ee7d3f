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

/** As deep as JSON may be: schemas of custom resources nest further than any YAML by hand. */
const MOST_DEEP = 500

/** How kubectl begins what it says of YAML. */
const CONVERTING = 'error converting YAML to JSON: '

const reading = { schema: kubernetesSchema, maxDepth: MOST_DEEP }

/** One document; undefined for an empty text. Throws `StatusError` 400 in the API server's words, also for several documents. */
export function parseYaml(text: string): unknown {
  const documents = parseYamlDocuments(text)
  if (documents.length > 1) throw badRequest(`${CONVERTING}yaml: expected a single document in the stream`)
  return documents[0]
}

/** Every document that is not empty, in order. Throws as {@link parseYaml} does. */
export function parseYamlDocuments(text: string): unknown[] {
  let documents: unknown[]
  try {
    documents = loadAll(text, reading)
    documents.forEach(limit)
  } catch (cause) {
    throw refusalOf(cause, CONVERTING)
  }
  return documents.filter((document) => document !== null && document !== undefined)
}

/**
 * The first document of a text, as the API server reads a body; null for an empty one. What comes behind it is not looked at. Of a key that is
 * there twice the last value counts, unless `onRepeated`, which gets the document, throws. Throws `StatusError` 400 that says what is wrong alone.
 */
export function parseFirstYaml(text: string, onRepeated: (document: string) => void): unknown {
  const first = firstDocument(text)
  const read = ({ json }: { json: boolean }): unknown => {
    const [value = null] = loadAll(first, { ...reading, json })
    limit(value)
    return value
  }
  try {
    return read({ json: false })
  } catch (cause) {
    if (!(cause instanceof YAMLException) || cause.reason !== 'duplicated mapping key') throw refusalOf(cause)
  }
  onRepeated(first)
  try {
    return read({ json: true })
  } catch (cause) {
    throw refusalOf(cause)
  }
}

const MARKER = /^(?:---|\.\.\.)(?=\s|$)/gm
/** Blank, a comment or a directive. */
const PROLOGUE = /^(?:\s*(?:#|$)|%)/

/** Up to the marker that ends the first document: a document may begin with one, and has none inside it (YAML 1.2, 9.1.2). */
function firstDocument(text: string): string {
  const [first, second] = text.matchAll(MARKER)
  if (!first) return text
  const before = text.slice(0, first.index).split('\n')
  const begins = first[0] === '---' && before.every((line) => PROLOGUE.test(line))
  return text.slice(0, begins ? second?.index : first.index)
}

/** Why a document that is YAML has no value. */
class NoValueError extends Error {
  override readonly name = 'NoValueError'
}

/** What cannot be read, as an answer; anything else as it is. */
function refusalOf(cause: unknown, head = ''): unknown {
  if (cause instanceof NoValueError) return badRequest(head + cause.message)
  if (!(cause instanceof YAMLException)) return cause
  const [, alias] = /^unidentified alias "(.*)"$/s.exec(cause.reason) ?? []
  if (alias !== undefined) return badRequest(`${head}yaml: unknown anchor '${alias}' referenced`)
  const line = cause.mark ? `line ${cause.mark.line + 1}: ` : ''
  return badRequest(`${head}yaml: ${line}${wordsOfGo[cause.reason] ?? cause.reason}`)
}

/** What people get wrong most, in the words of Go's reader. */
const wordsOfGo: Record<string, string | undefined> = {
  'tab characters must not be used in indentation': 'found character that cannot start any token',
}

/** Throws for a document that aliases make many values of, or that holds itself, and for numbers that JSON does not have. */
function limit(document: unknown): void {
  let left = MOST_VALUES
  const count = (value: unknown, depth: number): void => {
    if (--left < 0 || depth > MOST_DEEP) throw new NoValueError('yaml: document contains excessive aliasing')
    if (typeof value === 'number' && !Number.isFinite(value))
      throw new NoValueError(`json: unsupported value: ${inGo(value)}`)
    if (typeof value === 'object' && value !== null) for (const below of Object.values(value)) count(below, depth + 1)
  }
  count(document, 0)
}

const inGo = (value: number): string => (Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf')
