import jsonpatch, { type JsonPatchError as JsonPatchErrorType, type Operation } from 'fast-json-patch'
import { badRequest, StatusError } from '../errors.ts'

const { JsonPatchError } = jsonpatch

const MOST_OPERATIONS = 10_000

/**
 * JSON Patch (RFC 6902). Pure. Throws `StatusError`: 400 for what is no patch, 422 for one that does not apply (a failed `test`, a
 * missing path). Upstream's answer does not say which operation that was; who patches without a client reads it in the error's
 * `cause`.
 */
export function jsonPatch(document: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations))
    throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type []interface {}')
  if (operations.length > MOST_OPERATIONS) {
    throw new StatusError(
      413,
      'RequestEntityTooLarge',
      `The allowed maximum operations in a JSON patch is ${MOST_OPERATIONS}, got ${operations.length}`,
    )
  }
  try {
    return jsonpatch.applyPatch(structuredClone(document), operations as Operation[], true, true, true).newDocument
  } catch (cause) {
    if (!(cause instanceof JsonPatchError)) throw cause
    const words = 'the server rejected our request due to an error in our request'
    throw new StatusError(422, 'Invalid', words, {}, { cause: new Error(wordsOf(cause), { cause }) })
  }
}

/** The words of the API server's own library, where it has some. */
function wordsOf({ name, message, operation }: JsonPatchErrorType): string {
  const { op, path } = (operation ?? {}) as { op?: string; path?: string }
  if (name === 'TEST_OPERATION_FAILED') return `testing value ${path} failed: test failed`
  if (name === 'OPERATION_PATH_UNRESOLVABLE' || name === 'OPERATION_PATH_CANNOT_ADD')
    return `${op} operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`
  return message.split('\n')[0]!
}
