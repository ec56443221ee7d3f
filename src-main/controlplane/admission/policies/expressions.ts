import type { ServedVersion } from '../../../../src-kube/kinds/descriptor.ts'
import { compile, type CelError, type Program, type Value } from '../../../../src-kube/machinery/cel/index.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { AdmissionAttributes } from '../admission.ts'
import { authorizerOf, type MayUser } from './authorizer.ts'
import { reviewOf } from '../webhooks/review.ts'
import { inVersion } from '../webhooks/versions.ts'

/** Compiled expressions: the same few are asked about at every request. */
const programs = new Map<string, Program>()
const MOST_PROGRAMS = 2000

/** Compiles once a text and number of variables: there are two lists of them. Throws `CelSyntaxError`. */
export function programOf(source: string, variables: readonly string[]): Program {
  const key = `${variables.length} ${source}`
  const known = programs.get(key)
  if (known) return known
  const made = compile(source, variables)
  if (programs.size >= MOST_PROGRAMS) programs.clear()
  programs.set(key, made)
  return made
}

/** What is told of an expression that could not be evaluated. */
export const failedEvaluation = (expression: string, { message }: CelError): string =>
  `expression '${expression}' resulted in error: ${message}`

/** The object before and after, in a version that the rules know, the request itself, and who asks. Evaluate with `answered`. */
export function matchBindings(
  attributes: AdmissionAttributes,
  served: ServedVersion,
  may: MayUser,
): Map<string, Value | (() => Value)> {
  const shown = (object: KubeObject | undefined): Value => (inVersion(object, attributes, served) ?? null) as Value
  let request: Value | undefined
  return new Map<string, Value | (() => Value)>([
    ['object', shown(attributes.object)],
    ['oldObject', shown(attributes.oldObject)],
    ['authorizer', () => authorizerOf(may, attributes)],
    ['request', () => (request ??= (reviewOf(attributes, served, 'v1', '') as { request: Value }).request)],
  ])
}
