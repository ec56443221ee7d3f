import type {
  MatchResources,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  Validation,
} from '#types/admissionregistration.k8s.io/v1'
import { POLICY_VARIABLES } from '../../../../src-kube/kinds/admissionregistration/expressions.ts'
import type { ServedVersion } from '../../../../src-kube/kinds/descriptor.ts'
import { CelError, type Bindings, type Value } from '../../../../src-kube/machinery/cel/index.ts'
import type { AdmissionAttributes, ObjectReader } from '../admission.ts'
import { matchedVersion, selected } from '../webhooks/match.ts'
import { meetsConditions } from './conditions.ts'
import { matchBindings, programOf } from './expressions.ts'
import { paramsOf } from './params.ts'

/** One validation that failed. */
export interface Failure {
  message: string
  reason: string
  /** It could not be evaluated: the policy's `failurePolicy` decides. */
  isError: boolean
}

/** Whether the resources that a policy or binding names include what is asked for, and in which version. Undefined when not. */
export async function matches(
  read: ObjectReader,
  match: MatchResources | undefined,
  attributes: AdmissionAttributes,
): Promise<ServedVersion | undefined> {
  if (!match) return attributes.served ?? attributes.descriptor.served[0]
  const rulesOf = (rules: MatchResources['resourceRules']) => ({
    rules: (rules ?? []).filter(namesIt),
    matchPolicy: match.matchPolicy,
  })
  // A rule may be for objects of some names.
  const namesIt = ({ resourceNames }: { resourceNames?: string[] | undefined }): boolean =>
    !resourceNames?.length || resourceNames.includes(attributes.name)
  if (matchedVersion(rulesOf(match.excludeResourceRules), attributes)) return undefined
  const everything = !match.resourceRules?.length
  const served = everything
    ? (attributes.served ?? attributes.descriptor.served[0])
    : matchedVersion(rulesOf(match.resourceRules), attributes)
  return served && (await selected(read, match, attributes)) ? served : undefined
}

/**
 * What of a policy fails for a request under one of its bindings: once for each of its parameters. Empty when the policy is not for the request.
 * Throws `CelError` when conditions or parameters cannot be settled.
 */
export async function judge(
  read: ObjectReader,
  policy: ValidatingAdmissionPolicy,
  binding: ValidatingAdmissionPolicyBinding,
  attributes: AdmissionAttributes,
): Promise<Failure[]> {
  const { spec } = policy
  const served = await matches(read, spec?.matchConstraints, attributes)
  if (!served || !(await matches(read, binding.spec?.matchResources, attributes))) return []
  const base = matchBindings(attributes, served)
  const { namespace } = attributes
  const space = namespace === '' ? undefined : await read.get('', 'namespaces', '', namespace)
  base.set('namespaceObject', (space ?? null) as Value)
  const failures: Failure[] = []
  for (const params of await paramsOf(read, policy, binding, attributes)) {
    const bindings = withVariables(spec?.variables ?? [], new Map(base).set('params', (params ?? null) as Value))
    if (!meetsConditions(spec?.matchConditions, bindings, POLICY_VARIABLES)) continue
    for (const validation of spec?.validations ?? []) {
      const failure = check(validation, bindings)
      if (failure) failures.push(failure)
    }
  }
  return failures
}

/** Variables are worked out when they are first spoken of, and once. */
function withVariables(
  variables: ReadonlyArray<{ name: string; expression: string }>,
  bindings: Map<string, Value | (() => Value)>,
): Bindings {
  const made: Record<string, unknown> = {}
  for (const { name, expression } of variables) {
    let known: Value | undefined
    made[name] = () => (known ??= programOf(expression, POLICY_VARIABLES).evaluate(bindings))
  }
  return bindings.set('variables', made as Value)
}

function check(
  { expression, message, messageExpression, reason = 'Invalid' }: Validation,
  bindings: Bindings,
): Failure | undefined {
  try {
    if (programOf(expression, POLICY_VARIABLES).evaluate(bindings) === true) return undefined
  } catch (error) {
    if (!(error instanceof CelError)) throw error
    return { message: `expression '${expression}' resulted in error: ${error.message}`, reason, isError: true }
  }
  const words = messageExpression ? wordsOf(messageExpression, bindings) : undefined
  return { message: words ?? message?.trim() ?? `failed expression: ${expression.trim()}`, reason, isError: false }
}

const MOST_WORDS = 5 * 1024

/** The message that an expression makes; undefined when it makes none that can be shown. */
function wordsOf(expression: string, bindings: Bindings): string | undefined {
  try {
    const made = programOf(expression, POLICY_VARIABLES).evaluate(bindings)
    const words = typeof made === 'string' ? made.trim() : ''
    return words === '' || words.includes('\n') || words.length > MOST_WORDS ? undefined : words
  } catch (error) {
    if (error instanceof CelError) return undefined
    throw error
  }
}
