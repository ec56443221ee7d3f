import { invalid, StatusError } from '../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../src-kube/machinery/field-path.ts'
import { goMap } from '../../../src-kube/machinery/go-map.ts'
import { formatApiVersion } from '../../../src-kube/machinery/gvk.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { decodeBody } from './decode.ts'
import { conversionFault, customKindFault, kindFault } from './other-kind.ts'
import type { MergingPatch } from './patch.ts'
import type { Target, WriteOptions } from './registry.ts'

/**
 * Decodes what a patch makes of an object. What is wrong with it is said of the patch, with 422 (reference: apiserver's patch handler): a
 * strategic merge shows itself, as Go prints a map, the others the object that they would have made.
 */
export function decodePatched(
  target: Target,
  { type, patch, patched }: { type: MergingPatch; patch: unknown; patched: unknown },
  options: Pick<WriteOptions, 'fieldValidation' | 'warn' | 'keys' | 'faults'>,
  known: KubeObject,
): KubeObject {
  const strategic = type === 'application/strategic-merge-patch+json'
  try {
    // A strategic merge is one of fields, and these two are none.
    if (!strategic && target.subresource === '') checkStillOfKind(target, patched as KubeObject)
    return decodeBody(target, patched, options, { known })
  } catch (error) {
    const fault = faultOf(error)
    if (fault === undefined) throw error
    const shown = strategic ? goMap(patch) : JSON.stringify(patched)
    const words = strategic ? asConverted(fault) : fault
    throw invalid({ group: '', kind: '' }, '', [fieldPath('patch').invalid(shown, words)])
  }
}

/** A patch makes something else of the object. */
class OtherKind extends Error {
  override readonly name = 'OtherKind'
}

function checkStillOfKind(target: Target, { apiVersion, kind, metadata }: KubeObject): void {
  if (kind === target.descriptor.kind && apiVersion === formatApiVersion(target.served.group, target.served.version))
    return
  const odd = kindFault({ apiVersion, kind })
  if (odd) throw new OtherKind(`couldn't get version/kind; json parse error: json: cannot unmarshal ${odd}`)
  // One that was taken away is filled in again.
  const said = {
    apiVersion: apiVersion || formatApiVersion(target.served.group, target.served.version),
    kind: kind || target.descriptor.kind,
  }
  const refused = target.served.custom && customKindFault(said, target, metadata.name)
  if (refused) throw refused
  const fault = target.served.custom ? undefined : conversionFault(said, target)
  if (fault) throw new OtherKind(fault)
}

const UNNAMED = /^(?:(\w+) in version "[^"]*" cannot be handled as a \1: )?(.*)$/s

/** What is wrong with an object that does not decode; undefined for other errors. */
function faultOf(error: unknown): string | undefined {
  if (error instanceof OtherKind) return error.message
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
