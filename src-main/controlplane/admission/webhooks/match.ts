import type { MutatingWebhook, RuleWithOperations, ValidatingWebhook } from '#types/admissionregistration.k8s.io/v1'
import type { ServedVersion } from '../../../../src-kube/kinds/descriptor.ts'
import { labelSelectorMatcher } from '../../../../src-kube/machinery/labels.ts'
import type { AdmissionAttributes, ObjectReader } from '../admission.ts'

/** A webhook of either kind, with the defaults of its version. */
export type Hook = ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>

const GROUP = 'admissionregistration.k8s.io'
/** What decides of admission is not itself held up by it: else a broken webhook could not be removed. */
const EXEMPT = /^(mutating|validating)(webhookconfigurations|admissionpolicies|admissionpolicybindings)$/

export const isExempt = ({ descriptor }: Pick<AdmissionAttributes, 'descriptor'>): boolean =>
  descriptor.group === GROUP && EXEMPT.test(descriptor.plural)

/** Which requests a webhook or policy is about. */
export interface MatchedRule {
  rules?: readonly RuleWithOperations[] | undefined
  matchPolicy?: string | undefined
}

/**
 * The version of the object in which rules want it: the one that was asked for, or with the policy `Equivalent` any in which the same object
 * could have been asked for (kubernetes.io, "Dynamic Admission Control: Matching requests"). Undefined when no rule matches.
 */
export function matchedVersion(
  { rules = [], matchPolicy }: MatchedRule,
  attributes: AdmissionAttributes,
): ServedVersion | undefined {
  const { descriptor } = attributes
  const asked = attributes.served ?? descriptor.served[0]!
  if (matchPolicy === 'Exact') return rules.some((rule) => matchesRule(rule, attributes, asked)) ? asked : undefined
  const versions = [asked, ...descriptor.served.filter((one) => one !== asked), ...(descriptor.equivalents ?? [])]
  return versions.find((served) => rules.some((rule) => matchesRule(rule, attributes, served)))
}

function matchesRule(
  rule: RuleWithOperations,
  attributes: AdmissionAttributes,
  { group, version }: ServedVersion,
): boolean {
  const { operation, descriptor, subresource } = attributes
  const has = (list: readonly string[] | undefined, value: string): boolean =>
    list?.some((one) => one === '*' || one === value) ?? false
  return (
    has(rule.operations, operation) &&
    has(rule.apiGroups, group) &&
    has(rule.apiVersions, version) &&
    inScope(rule.scope, descriptor.scope) &&
    (rule.resources ?? []).some((pattern) => matchesResource(pattern, descriptor.plural, subresource))
  )
}

const inScope = (wanted: string | undefined, scope: string): boolean => !wanted || wanted === '*' || wanted === scope

/** `pods`, `pods/status`, `pods/*`, `*`, any with a subresource: an asterisk alone stands for resources, not for what is below them. */
function matchesResource(pattern: string, plural: string, subresource: string): boolean {
  const [resource, below = ''] = pattern.split('/')
  if (resource !== '*' && resource !== plural) return false
  return below === '*' || below === subresource
}

/** Whether the selectors of a webhook or policy choose the object: by its own labels, before or after, and by those of its namespace. */
export async function selected(
  read: ObjectReader,
  { namespaceSelector, objectSelector }: Pick<Hook, 'namespaceSelector' | 'objectSelector'>,
  attributes: AdmissionAttributes,
): Promise<boolean> {
  const { object, oldObject } = attributes
  if (objectSelector && !isEmpty(objectSelector)) {
    const matcher = labelSelectorMatcher(objectSelector)
    const either = [object, oldObject].some((one) => one && matcher.matches(one.metadata?.labels))
    if (!either) return false
  }
  if (!namespaceSelector || isEmpty(namespaceSelector)) return true
  const labels = await namespaceLabels(read, attributes)
  return labels === 'none' || labelSelectorMatcher(namespaceSelector).matches(labels)
}

const isEmpty = ({ matchLabels, matchExpressions }: NonNullable<Hook['namespaceSelector']>): boolean =>
  Object.keys(matchLabels ?? {}).length + (matchExpressions ?? []).length === 0

/** `none` for what is in no namespace: there is nothing to select by. A namespace counts by its own labels. */
async function namespaceLabels(
  read: ObjectReader,
  { descriptor, namespace, object, oldObject }: AdmissionAttributes,
): Promise<Record<string, string> | undefined | 'none'> {
  if (descriptor.group === '' && descriptor.plural === 'namespaces') return (object ?? oldObject)?.metadata.labels
  if (namespace === '') return 'none'
  return (await read.get('', 'namespaces', '', namespace))?.metadata.labels
}
