import jsonpatch, { type JsonPatchError as JsonPatchErrorType, type Operation } from 'fast-json-patch'
import { badRequest, StatusError } from '../errors.ts'
import { isRecord } from '../record.ts'
import { malformed } from './malformed.ts'

const { JsonPatchError } = jsonpatch

/** A `test` of a patch that found something else where it looked. */
export class FailedTestError extends Error {
  override name = 'FailedTestError'

  constructor(path: string, options?: ErrorOptions) {
    super(`testing value ${path} failed: test failed`, options)
  }
}

/** How the library refuses members that every object inherits: they are nobody's to change. */
const BANNED = 'JSON-Patch: modifying `__proto__`'

/** As kube-apiserver bounds a JSON patch. */
const MOST_OPERATIONS = 10_000

/**
 * JSON Patch (RFC 6902), with what the API server's own library allows beyond it: places counted from a list's end, `null` for a value that is left
 * out, a missing member that is tested for `null`. Pure. Throws `StatusError`: 400 for what is no patch, 422 for one that does not apply (a failed
 * `test`, a missing path). Upstream's answer does not say which operation that was; who patches without a client reads it in the error's `cause`.
 */
export function jsonPatch(document: unknown, patch: unknown): unknown {
  const operations = patch === null ? [] : patch
  if (!Array.isArray(operations)) throw badRequest(`error decoding patch: ${malformed(operations, '[]interface {}')}`)
  if (operations.length > MOST_OPERATIONS) {
    throw new StatusError(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${MOST_OPERATIONS}, got ${operations.length}`,
    )
  }
  let patched: unknown = structuredClone(document)
  for (const operation of operations as unknown[]) {
    checkOperation(operation)
    try {
      patched = applied(patched, operation)
    } catch (cause) {
      if (cause instanceof JsonPatchError) throw inapplicable(told(cause))
      if (cause instanceof TypeError && cause.message.startsWith(BANNED)) throw inapplicable(cause)
      throw cause
    }
  }
  return patched
}

type AnyOperation = Partial<Record<'op' | 'path' | 'from', string>> & { value?: unknown }

function checkOperation(operation: unknown): asserts operation is AnyOperation {
  if (typeof operation === 'object' && !Array.isArray(operation)) return
  throw badRequest(malformed(operation, 'jsonpatch.Operation'))
}

function applied(document: unknown, operation: AnyOperation): unknown {
  const { op, path } = operation ?? {}
  // Of the whole document upstream knows no parent to change it in.
  if (path === '' && op !== 'test')
    throw inapplicable(new Error(`${op} operation does not apply: doc is missing path: "": missing value`))
  if (op === 'test' && isAbsent(document, settled(document, operation).path)) {
    if (isNothing(operation.value)) return document
    throw inapplicable(new FailedTestError(path ?? ''))
  }
  return stepsOf(document, operation).reduce(
    (patched, step) => jsonpatch.applyOperation(patched, settled(patched, step) as Operation, true, true).newDocument,
    document,
  )
}

/** A move and a copy are an addition where they lead, with all that it asks of its place (RFC 6902, section 4). */
function stepsOf(document: unknown, operation: AnyOperation): AnyOperation[] {
  const { op, path = '', from = '' } = operation ?? {}
  if (op !== 'move' && op !== 'copy') return [operation]
  const source = settled(document, { op: 'remove', path: from }).path
  const value = valueAt(document, source)
  if (value === undefined) return [operation]
  const add = { op: 'add', path, value: structuredClone(value) }
  return op === 'copy' ? [add] : [{ op: 'remove', path: from }, add]
}

/** Nothing is at a place that could be, or null: a member of an object, not an item beyond a list's end. */
function isAbsent(document: unknown, path = ''): boolean {
  const parent = valueAt(document, path.slice(0, Math.max(0, path.lastIndexOf('/'))))
  return isRecord(parent) && isNothing(valueAt(document, path))
}

const isNothing = (value: unknown): boolean => value === undefined || value === null

const valueAt = (document: unknown, path: string | undefined): unknown =>
  (path ?? '')
    .split('/')
    .slice(1)
    .reduce<unknown>((at, part) => (isNothing(at) ? undefined : (Object(at)[unescaped(part)] as unknown)), document)

const unescaped = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~')

/** Places from a list's end as places from its beginning, and what is left out as `null`. */
function settled(document: unknown, operation: AnyOperation): AnyOperation {
  const { op, path } = operation ?? {}
  const result = operation && { ...operation }
  if (path && /\/-\d+$/.test(path)) result.path = fromBeginning(document, path, op === 'add')
  if ((op === 'add' || op === 'replace') && result.value === undefined) result.value = null
  return result
}

/** @param grows whether the list has one item more once the operation is done */
function fromBeginning(document: unknown, path: string, grows: boolean): string {
  const at = path.lastIndexOf('/')
  const list = valueAt(document, path.slice(0, at))
  if (!Array.isArray(list)) return path
  const place = list.length + (grows ? 1 : 0) + Number(path.slice(at + 1))
  return place < 0 ? path : `${path.slice(0, at)}/${place}`
}

const inapplicable = (cause: Error): StatusError =>
  new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {}, { cause })

/** What failed in the words of the API server's own library, where it has some. */
function told(cause: JsonPatchErrorType): Error {
  const { name, message, operation } = cause
  const { op, path } = (operation ?? {}) as { op?: string; path?: string }
  if (name === 'TEST_OPERATION_FAILED') return new FailedTestError(path ?? '', { cause })
  if (name === 'OPERATION_PATH_UNRESOLVABLE' || name === 'OPERATION_PATH_CANNOT_ADD')
    return new Error(`${op} operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`, {
      cause,
    })
  return new Error(message.split('\n')[0]!, { cause })
}
