import { findKind } from '../../../src-kube/kinds/index.ts'
import { invalid, type FieldError, type StatusError } from '../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../src-kube/machinery/field-path.ts'
import { formatApiVersion, parseApiVersion } from '../../../src-kube/machinery/gvk.ts'
import type { Target } from './registry.ts'

/** What an object says that it is. */
export interface SaidKind {
  apiVersion: string
  kind: string
}

/** Where upstream says that it registers kinds. */
const SCHEME = 'pkg/api/legacyscheme/scheme.go:30'

/**
 * Why an object that says to be something else cannot become one of a built-in kind, in upstream's words; undefined when it can: it is one
 * already, in whatever version.
 */
export function conversionFault({ apiVersion, kind }: SaidKind, { descriptor }: Target): string | undefined {
  const { group, version } = parseApiVersion(apiVersion)
  const known = findKind(group, kind)?.served.some((served) => served.group === group && served.version === version)
  if (!known)
    return `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "${SCHEME}"`
  if (findKind(group, kind) === descriptor) return undefined
  const home = descriptor.group.split('.')[0] || 'core'
  return `converting (${version}.${kind}) to (${home}.${descriptor.kind}): unknown conversion`
}

/** The refusal of an object that is to be of a custom kind and says otherwise; undefined when it is. */
export function customKindFault(
  { apiVersion, kind }: SaidKind,
  { descriptor, served }: Target,
  name: string,
): StatusError | undefined {
  const expected = formatApiVersion(served.group, served.version)
  const errors: FieldError[] = []
  const wrong = (field: string, is: string, wanted: string): void => {
    if (is !== wanted) errors.push(fieldPath(field).invalid(is, `must be ${wanted}`))
  }
  wrong('kind', kind, descriptor.kind)
  wrong('apiVersion', apiVersion, expected)
  return errors.length > 0 ? invalid({ group: parseApiVersion(apiVersion).group, kind }, name, errors) : undefined
}

/** Go's name for what has a version and a kind. */
const META = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`

/** Why a value says nothing of what it is, in the words of Go's decoder. */
export function kindFault(body: unknown): string | undefined {
  const typeOf = (value: unknown): string =>
    Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  if (typeof body !== 'object' || Array.isArray(body)) return `${typeOf(body)} into Go value of type ${META}`
  for (const field of ['apiVersion', 'kind'] as const) {
    const value = (body as Record<string, unknown>)[field]
    if (value !== undefined && value !== null && typeof value !== 'string')
      return `${typeOf(value)} into Go struct field .${field} of type string`
  }
  return undefined
}
