import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { badRequest, StatusError, unsupportedMediaType } from '../../../../src-kube/machinery/errors.ts'
import { formatYaml } from '../../../../src-kube/machinery/format-yaml.ts'
import { jsonFault } from '../../../../src-kube/machinery/json-syntax.ts'
import { decodeProtobuf } from '../../../../src-kube/machinery/protobuf/decode.ts'
import { encodeProtobuf } from '../../../../src-kube/machinery/protobuf/encode.ts'
import { parseFirstYaml } from '../../../../src-kube/machinery/yaml.ts'
import { yamlDuplicates } from '../../../../src-kube/machinery/yaml-duplicates.ts'
import type { UserInfo } from '../../admission/admission.ts'
import { join, lengthOf, type Part } from '../../registry/parts.ts'
import type { Trail } from '../audit/trail.ts'
import { BLOCK, writeParts } from './blocks.ts'
import { packedHeaders, PACKED_FROM, packedInto, takesGzip } from './compression.ts'
import { isTooDeep } from './json-depth.ts'
import { acceptedForms, PROTOBUF, type Negotiated } from './negotiation.ts'
import { wantsPretty } from './pretty.ts'
import type { RequestInfo } from './request-info.ts'
import { yamlOfList } from './yaml-list.ts'

/** A request over HTTP/1.1 or HTTP/2: nothing below the listener asks which. */
export type Incoming = IncomingMessage | Http2ServerRequest
/** Its response. */
export type Outgoing = ServerResponse | Http2ServerResponse

/** One request on its way through the filters, and the answer to it. */
export class Exchange {
  readonly request: Incoming
  readonly response: Outgoing
  readonly info: RequestInfo
  user: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] }
  /** The client was told that it took too long: what is answered now is nobody's. */
  isOver = false
  /** Milliseconds spent in a queue, or on webhooks. */
  waited = 0
  /** Bytes of the answer; of one that is streamed nobody knows. */
  sent = 0
  /** What is told of it, when anything is (kubernetes.io, "Auditing"). */
  trail: Trail | undefined
  readonly #warnings: string[] = []
  /** Nothing that a server says of a cluster may be kept by those in between, unless an answer says otherwise. */
  readonly #headers: Record<string, string> = { 'cache-control': 'no-cache, private' }

  constructor(request: Incoming, response: Outgoing, info: RequestInfo) {
    this.request = request
    this.response = response
    this.info = info
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name]
    return Array.isArray(value) ? value[0] : value
  }

  /** Adds a `Warning` header (KEP-1693), each text once. */
  readonly warn = (message: string): void => {
    if (!this.#warnings.includes(message)) this.#warnings.push(message)
  }

  /** What others have still to do before this request goes on. */
  async awaiting<T>(others: Promise<T>): Promise<T> {
    const began = performance.now()
    try {
      return await others
    } finally {
      this.waited += performance.now() - began
    }
  }

  setHeader(name: string, value: string): void {
    this.#headers[name] = value
  }

  headers(more: Record<string, string>): Record<string, string | string[]> {
    if (this.#warnings.length === 0) return { ...this.#headers, ...more }
    return { ...this.#headers, ...more, warning: this.#warnings.map((text) => `299 - ${quote(text)}`) }
  }

  /** Whether an answer can no longer be begun. */
  get hasBegun(): boolean {
    return (this.response as ServerResponse).headersSent || isGone(this.response)
  }

  /** Sends the head alone: what follows is streamed. Throws when the request {@link isOver}. */
  begin(code: number, headers: Record<string, string>): void {
    this.#checkTime()
    const response = this.response as ServerResponse
    response.writeHead(code, this.headers(headers))
    this.trail?.started(code)
  }

  /** Sends bytes whole. */
  send(code: number, body: Buffer | string, type = 'application/json'): void {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    this.sent = bytes.length
    const headers = { 'content-type': type, 'content-length': String(bytes.length) }
    const { response } = this
    if (this.request.method !== 'HEAD' && 'stream' in response) return this.#sendAtOnce(response, code, headers, bytes)
    this.begin(code, headers)
    // Both response classes have these calls; TypeScript cannot join their overloads.
    if (this.request.method === 'HEAD') (response as ServerResponse).end()
    else (response as ServerResponse).end(bytes)
  }

  /** By the stream of HTTP/2 itself: a response of Node's waits for trailers before it ends the stream, in a frame and a write of its own. */
  #sendAtOnce(response: Http2ServerResponse, code: number, headers: Record<string, string>, bytes: Buffer): void {
    this.#checkTime()
    if (isGone(response)) return
    response.statusCode = code
    response.stream.respond({ ':status': code, ...this.headers(headers) })
    this.trail?.started(code)
    response.stream.end(bytes)
  }

  #checkTime(): void {
    if (this.isOver) throw new Error('the request was answered when its time was up')
  }

  /** A document, indented where the request asks for that. */
  sendJson(code: number, value: unknown): void {
    this.send(code, jsonText(value, { indented: this.#pretty() }))
  }

  /** A document that people read, whoever asks for it. */
  sendIndented(code: number, value: unknown): void {
    this.send(code, jsonText(value, { indented: true }))
  }

  #pretty(): boolean {
    return wantsPretty(this.info.query, this.header('user-agent'))
  }

  /** An object in the encoding the client asked for. */
  sendObject(code: number, form: Negotiated, json: Buffer | object): void {
    this.trail?.answered(json)
    if (form.encoding !== 'json') {
      const value = (Buffer.isBuffer(json) ? JSON.parse(json.toString('utf8')) : json) as object
      if (form.encoding === 'protobuf') return this.#sendPacked(code, protobufOf(value), PROTOBUF)
      return this.#sendPacked(code, Buffer.from(formatYaml(value)), 'application/yaml')
    }
    const isEncoded = Buffer.isBuffer(json)
    if (isEncoded && !this.#pretty()) return this.#sendPacked(code, json)
    this.#sendPacked(code, jsonText(isEncoded ? JSON.parse(json.toString('utf8')) : json, { indented: this.#pretty() }))
  }

  /** As {@link send}, but a long body is packed for clients that take that. */
  #sendPacked(code: number, bytes: Buffer, type = 'application/json'): void {
    if (bytes.length <= PACKED_FROM || !this.#takesPacked) return this.send(code, bytes, type)
    this.sent = bytes.length
    this.begin(code, { 'content-type': type, ...packedHeaders })
    if (!isGone(this.response)) packedInto(this.response).end(bytes)
  }

  get #takesPacked(): boolean {
    return this.request.method !== 'HEAD' && takesGzip(this.header('accept-encoding'))
  }

  async #sendYamlList(code: number, json: Buffer): Promise<void> {
    const yaml = await yamlOfList(JSON.parse(json.toString('utf8')) as { items: readonly unknown[] })
    if (!this.isOver && !isGone(this.response)) this.#sendPacked(code, yaml, 'application/yaml')
  }

  /** A long list, of JSON in pieces. They are sent in blocks, each when there is room for it: the client reads while the next is made. */
  async sendParts(code: number, form: Negotiated, parts: readonly Part[]): Promise<void> {
    const length = lengthOf(parts)
    const isLong = length > BLOCK && this.request.method !== 'HEAD' && !this.trail?.wantsAnswer
    if (isLong && form.encoding === 'yaml') return this.#sendYamlList(code, join(parts))
    if (!isLong || form.encoding !== 'json' || this.#pretty()) return this.sendObject(code, form, join(parts))
    this.sent = length
    const response = this.response as ServerResponse
    const type = { 'content-type': 'application/json' }
    const packed = this.#takesPacked
    this.begin(code, packed ? { ...type, ...packedHeaders } : { ...type, 'content-length': String(length) })
    if (isGone(response)) return
    const into = packed ? packedInto(response) : response
    await writeParts(into, parts, async () => {
      await roomIn(into)
      return !isGone(response)
    })
    if (!isGone(response)) into.end()
  }

  sendStatus(error: StatusError): void {
    if (error.details?.retryAfterSeconds) this.setHeader('retry-after', String(error.details.retryAfterSeconds))
    // In the plain form that the client likes best, whatever it wanted the object to be.
    const form = acceptedForms(this.header('accept')).find(({ as }) => as === undefined)
    if (form) this.sendObject(error.code, form, error.toStatus())
    else {
      this.trail?.answered(error.toStatus())
      this.sendJson(error.code, error.toStatus())
    }
  }
}

const jsonText = (value: unknown, { indented }: { indented: boolean }): Buffer =>
  Buffer.from(indented ? JSON.stringify(value, null, 2) : `${JSON.stringify(value)}\n`)

/** Throws 406 for a kind that has no such form. */
export function protobufOf(object: object): Buffer {
  const { buffer, byteOffset, byteLength } = encodeProtobuf(object as Parameters<typeof encodeProtobuf>[0])
  return Buffer.from(buffer, byteOffset, byteLength)
}

/** Whether nobody reads the answer any more. A response of HTTP/2 says so by its stream only, and takes writes in silence. */
export function isGone(response: Outgoing | Writable): boolean {
  const stream = 'stream' in response ? response.stream : response
  return stream.destroyed
}

/** Resolves when the response takes more, or never will: who is gone already is told of by no event. */
export async function roomIn(response: Writable): Promise<void> {
  if (isGone(response)) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.once('drain', done)
    response.once('close', done)
  })
}

/** RFC 7234 quoted text. */
const quote = (text: string): string => `"${text.replaceAll(/[\r\n]+/g, ' ').replaceAll(/["\\]/g, (c) => `\\${c}`)}"`

/** Bytes of a request body that are read at most; etcd's own limit with room for JSON. */
const MOST_BODY = 3 * 2 ** 20

/** What else wants a request's body once it is read, such as the audit; undefined while nothing does. */
let listeners: WeakMap<Incoming, (body: Buffer) => void> | undefined

/** Calls back with the body of a request once it has been read. */
export function hearBody(request: Incoming, listener: (body: Buffer) => void): void {
  listeners ??= new WeakMap()
  listeners.set(request, listener)
}

/** The whole body. Throws 413 for one that is too large. By events: an asynchronous iterator costs more than a small body itself. */
export function readBody(request: Incoming): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const left = (): void => reject(badRequest('the client went away while it was sending'))
    if (request.aborted) return left()
    const chunks: Buffer[] = []
    let length = 0
    const onData = (chunk: Buffer): void => {
      length += chunk.length
      if (length <= MOST_BODY) return void chunks.push(chunk)
      request.off('data', onData)
      request.resume()
      reject(new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MOST_BODY}`))
    }
    request.on('data', onData)
    request.once('end', () => {
      const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
      listeners?.get(request)?.(body)
      resolve(body)
    })
    request.once('error', reject)
    request.once('aborted', left)
  })
}

/**
 * Decodes a body by its media type; undefined for an empty one. Throws 400 and 415 in the API server's words. YAML that gives a key twice
 * is refused, or told of to `onDuplicate`, and its last value counts.
 */
export function decodeBody(
  body: Buffer,
  contentType: string | undefined,
  onDuplicate?: (words: string) => void,
): unknown {
  if (body.length === 0) return undefined
  const type = (contentType ?? 'application/json').split(';')[0]!.trim()
  if (type === 'application/json' || type === '' || type.endsWith('+json')) return parseJson(body, type)
  if (type === 'application/yaml' || type === 'text/yaml' || type.endsWith('+yaml')) return parseYaml(body, onDuplicate)
  if (type === 'application/vnd.kubernetes.protobuf') return decodeProtobuf(body)
  throw unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf`,
  )
}

/** How words about broken JSON begin, by media type; of all others the kind is looked for first. */
const faultHeads: Record<string, string> = {
  'application/json-patch+json': '',
  'application/strategic-merge-patch+json': '',
  'application/merge-patch+json': 'error decoding patch: ',
}

function parseJson(body: Buffer, type: string): unknown {
  const text = body.toString('utf8')
  const fault = (words: string): StatusError =>
    badRequest(`${faultHeads[type] ?? "couldn't get version/kind; json parse error: "}${words}`)
  if (isTooDeep(text)) throw fault('exceeded max depth')
  try {
    return JSON.parse(text)
  } catch {
    throw fault(jsonFault(text))
  }
}

function parseYaml(body: Buffer, onDuplicate: ((words: string) => void) | undefined): unknown {
  return parseFirstYaml(body.toString('utf8'), (document) => {
    const duplicates = yamlDuplicates(document)
    if (!onDuplicate) throw badRequest(`error converting YAML to JSON: ${yamlFault(duplicates)}`)
    duplicates.forEach((words) => onDuplicate(words))
  })
}

/** Keys given twice, in the words of Go's YAML. */
export const yamlFault = (words: readonly string[]): string => `yaml: unmarshal errors:\n  ${words.join('\n  ')}`
