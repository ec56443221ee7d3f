import type { LabelSelector } from '#types/meta/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isLabelValue, isQualifiedName } from '../../../../src-kube/machinery/names.ts'
import { same } from './same.ts'
import { validateLabels } from './metadata.ts'

/** `Required value`, or `Unsupported value` with what is supported, sorted as Kubernetes prints it. */
export function oneOf(value: string | undefined, supported: readonly string[], path: FieldPath): FieldError[] {
  if (!value) return [path.required()]
  return supported.includes(value) ? [] : [path.notSupported(value, supported.toSorted())]
}

/** No error for what is absent: whether it must be there is asked elsewhere. */
export function nonNegative(value: number | undefined, path: FieldPath): FieldError[] {
  return value !== undefined && value < 0 ? [path.invalid(value, 'must be greater than or equal to 0')] : []
}

/** A field that may not change after its object was made; equal JSON is no change. */
export function immutable(value: unknown, old: unknown, path: FieldPath): FieldError[] {
  return same(value, old) ? [] : [path.invalid(value, 'field is immutable')]
}

/** A port of TCP, UDP or SCTP: 1 to 65535. */
export function portNumber(value: unknown, path: FieldPath): FieldError[] {
  const fine = typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65535
  return fine ? [] : [path.invalid(value, 'must be between 1 and 65535, inclusive')]
}

/** A port by number or by name (IANA service name). */
export function portReference(value: number | string | undefined, path: FieldPath): FieldError[] {
  if (typeof value !== 'string') return portNumber(value ?? 0, path)
  return portName(value).map((word) => path.invalid(value, word))
}

/**
 * What is wrong with an IANA service name (RFC 6335): at most 15 of a–z, 0–9 and single hyphens within, one letter at least. Empty when
 * it is right.
 */
export function portName(name: string): string[] {
  const words: string[] = []
  if (name.length > 15) words.push('must be no more than 15 characters')
  if (!/^[-a-z0-9]+$/.test(name)) words.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(name)) words.push('must contain at least one letter (a-z)')
  if (name.includes('--')) words.push('must not contain consecutive hyphens')
  if (name.startsWith('-') || name.endsWith('-')) words.push('must not begin or end with a hyphen')
  return words
}

/** kubernetes.io, "Labels and Selectors: Resources that support set-based requirements". An absent selector is fine. */
export function validateLabelSelector(selector: LabelSelector | undefined, path: FieldPath): FieldError[] {
  const errors = validateLabels(selector?.matchLabels, path.child('matchLabels'))
  for (const [i, { key, operator, values = [] }] of (selector?.matchExpressions ?? []).entries()) {
    const at = path.child('matchExpressions').index(i)
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0)
        errors.push(at.child('values').required("must be specified when `operator` is 'In' or 'NotIn'"))
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0)
        errors.push(at.child('values').forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
    } else errors.push(at.child('operator').invalid(operator, 'not a valid selector operator'))
    errors.push(...isQualifiedName(key).map((w) => at.child('key').invalid(key, w)))
    for (const [j, value] of values.entries())
      errors.push(...isLabelValue(value).map((w) => at.child('values').index(j).invalid(value, w)))
  }
  return errors
}

/** Whether labels satisfy a selector; an absent selector selects nothing, an empty one everything. */
export function selects(selector: LabelSelector | undefined, labels: Record<string, string> | undefined): boolean {
  if (!selector) return false
  const have = labels ?? {}
  if (Object.entries(selector.matchLabels ?? {}).some(([key, value]) => have[key] !== value)) return false
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = have[key]
    if (operator === 'Exists') return value !== undefined
    if (operator === 'DoesNotExist') return value === undefined
    const member = value !== undefined && values.includes(value)
    return operator === 'In' ? member : !member
  })
}

/** Whether it asks for nothing, and so selects everything. */
export function emptySelector(selector: LabelSelector | undefined): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions ?? []).length === 0
}
