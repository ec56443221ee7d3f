import { badRequest, StatusError } from '../../../../src-kube/machinery/errors.ts'
import { keyPlaces, mayNeedPlaces, type KeyPlaces } from '../../../../src-kube/machinery/key-places.ts'
import { decodeBody, readBody, yamlFault, type Exchange } from '../http/exchange.ts'
import { kindFault } from '../../registry/other-kind.ts'
import type { VerbContext } from './context.ts'
import { checkKind, kindOfBody } from './sent-kind.ts'

/** The body of a request once it is parsed, as a value of JSON whatever it was written in. */
export interface SentBody {
  body: unknown
  /** Where the keys of JSON stand, when some may be there twice or have numbers that are written in odd ways. */
  keys: KeyPlaces | undefined
  /** What is wrong with the document itself, for a strict client. */
  faults?: readonly string[]
}

const APPLY = 'application/apply-patch+yaml'
const STRATEGIC = 'application/strategic-merge-patch+json'
const JSON_PATCH = 'application/json-patch+json'

/** The body of a write. Throws `StatusError` 400 or 415 for one that cannot be read. */
function sentBody(exchange: Exchange, bytes: Buffer, type = exchange.header('content-type')): SentBody {
  const asked = exchange.info.query.get('fieldValidation')
  const twice: string[] = []
  const body = decoded(bytes, type, duplicateSink(asked, twice, exchange.warn))
  if (twice.length === 0) return { body, keys: /json/.test(type ?? 'json') ? keysOf(bytes, body, type) : undefined }
  const fault = yamlFault(twice)
  if (type?.startsWith(APPLY)) throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${fault}`)
  return { body, keys: undefined, faults: [fault] }
}

/** As {@link decodeBody}; of an apply upstream says where it was read. */
function decoded(bytes: Buffer, type: string | undefined, onDuplicate: (words: string) => void): unknown {
  try {
    return decodeBody(bytes, type, onDuplicate)
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 400 || !type?.startsWith(APPLY)) throw error
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`)
  }
}

/** Of a JSON patch the members are looked at whatever they are, of all else only what may be wrong: most bodies are in order. */
function keysOf(bytes: Buffer, body: unknown, type: string | undefined): KeyPlaces | undefined {
  const text = bytes.toString('utf8')
  return type === JSON_PATCH || mayNeedPlaces(text, body) ? keyPlaces(text) : undefined
}

/** As {@link sentBody}. Members of a JSON patch's operations are no fields of an object, and are told of by themselves. */
export function sentPatch(exchange: Exchange, bytes: Buffer, type: string): SentBody {
  const sent = sentBody(exchange, bytes, type)
  // What is merged as fields is converted, not decoded: 1.0 is 1 there.
  if (type === STRATEGIC && sent.keys) return { ...sent, keys: { ...sent.keys, fractions: [] } }
  if (type !== JSON_PATCH || !sent.keys || !Array.isArray(sent.body)) return sent
  const faults = operationFaults(sent.body, sent.keys)
  return { body: sent.body, keys: undefined, ...(faults.length > 0 ? { faults } : {}) }
}

const members: ReadonlySet<string> = new Set(['op', 'path', 'from', 'value'])

/** Members that operations do not have (RFC 6902), and keys that are there twice, in the order of the document. */
function operationFaults(operations: readonly unknown[], { duplicates, placeOf }: KeyPlaces): string[] {
  const unknown = operations.flatMap((operation, i) =>
    Object.keys(operation ?? {})
      .filter((member) => !members.has(member))
      .map((member) => ({ words: `unknown field "[${i}].${member}"`, at: placeOf(`[${i}].${member}`) ?? 0 })),
  )
  const twice = duplicates.map(({ path, at }) => ({ words: `duplicate field "${path}"`, at }))
  return [...unknown, ...twice].sort((a, b) => a.at - b.at).map(({ words }) => `json patch ${words}`)
}

/** Where the words about keys that YAML gives twice go: a strict client's are collected for its refusal. */
function duplicateSink(
  asked: string | null,
  collected: string[],
  warn: (words: string) => void,
): (words: string) => void {
  if (asked === 'Strict') return (words) => void collected.push(words)
  return asked === 'Ignore' ? () => {} : warn
}

/**
 * The object that a POST or a PUT brings: of the kind that the path names, which is filled in when the body leaves it out. Throws `StatusError`
 * in upstream's words, which show the beginning of a body that says nothing of what it is.
 */
export async function sentObject(context: VerbContext): Promise<SentBody> {
  const { exchange, target } = context
  const bytes = await readBody(exchange.request)
  const unrecognized = (words: string): StatusError =>
    badRequest(
      `the object provided is unrecognized (must be of type ${kindOfBody(target)}): ${words} (${summaryOf(bytes)})`,
    )
  if (bytes.length === 0) throw unrecognized(`${NO_KIND}unexpected end of JSON input`)
  let sent: SentBody
  try {
    sent = sentBody(exchange, bytes)
  } catch (error) {
    throw error instanceof StatusError && error.code === 400 ? unrecognized(error.message) : error
  }
  const body = sent.body ?? {}
  const fault = kindFault(body)
  if (fault) throw unrecognized(`${NO_KIND}json: cannot unmarshal ${fault}`)
  return { ...sent, body: checkKind(body, context) }
}

const NO_KIND = "couldn't get version/kind; json parse error: "
/** Characters, or bytes in hexadecimal digits, that are shown of a body. */
const MOST_SHOWN = 30

/** The beginning of a body, as upstream shows what it does not understand. */
export function summaryOf(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>'
  const shown = bytes.subarray(0, MOST_SHOWN).toString(bytes[0] === 0x7b ? 'utf8' : 'hex')
  return bytes.length > MOST_SHOWN ? `${shown} ...` : shown
}
