import { invalid, StatusError } from '../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../src-kube/machinery/field-path.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { decodeBody } from './decode.ts'
import type { MergingPatch } from './patch.ts'
import type { Target, WriteOptions } from './registry.ts'

/**
 * Decodes what a patch makes of an object. What is wrong with it is said of the patch, with 422 (reference: apiserver's patch handler): a
 * strategic merge shows itself, as Go prints a map, the others the object that they would have made.
 */
export function decodePatched(
  { descriptor, served }: Target,
  { type, patch, patched }: { type: MergingPatch; patch: unknown; patched: unknown },
  options: Pick<WriteOptions, 'fieldValidation' | 'warn' | 'keys'>,
  known: KubeObject,
): KubeObject {
  try {
    return decodeBody(descriptor, served, patched, options, known)
  } catch (error) {
    const fault = faultOf(error)
    if (fault === undefined) throw error
    const strategic = type === 'application/strategic-merge-patch+json'
    const shown = strategic ? goMap(patch) : JSON.stringify(patched)
    const words = strategic ? asConverted(fault) : fault
    throw invalid({ group: '', kind: '' }, '', [fieldPath('patch').invalid(shown, words)])
  }
}

const UNNAMED = /^(?:(\w+) in version "[^"]*" cannot be handled as a \1: )?(.*)$/s

/** What is wrong with an object that does not decode; undefined for other errors. */
function faultOf(error: unknown): string | undefined {
  if (!(error instanceof StatusError) || error.code !== 400) return undefined
  const [, kind, words] = UNNAMED.exec(error.message) ?? []
  return kind !== undefined || words?.startsWith('strict decoding error: ') ? words : undefined
}

const MISMATCH = /^json: cannot unmarshal (\w+)(?: (\S+))? into Go .* of type (\S+)$/

/** A merged map is converted where JSON would be decoded, and its converter has words of its own. */
function asConverted(fault: string): string {
  const [, found, digits, type] = MISMATCH.exec(fault) ?? []
  if (!found || !type) return fault
  const from = { object: 'map', array: 'slice' }[found] ?? (found === 'number' ? numberIn(digits) : found)
  if (type.startsWith('map[')) return `cannot restore map from ${from}`
  if (type.startsWith('[]')) return `cannot restore slice from ${from}`
  if (type.includes('.')) return `cannot restore struct from: ${from}`
  // Go can make a string of a whole number, and a number of any other; a conversion of JSON may not.
  const convertible = type === 'string' ? from === 'int64' : type !== 'bool' && found === 'number'
  return convertible ? `cannot convert ${from} to ${type}` : `unrecognized type: ${type}`
}

const numberIn = (digits: string | undefined): string => (digits && !/^-?\d+$/.test(digits) ? 'float64' : 'int64')

/** A JSON value as Go prints it: `map[spec:map[replicas:x]]`. */
export function goMap(value: unknown): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goMap).join(' ')}]`
  if (typeof value !== 'object') return String(value as string | number | boolean)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `map[${entries.map(([key, one]) => `${key}:${goMap(one)}`).join(' ')}]`
}
