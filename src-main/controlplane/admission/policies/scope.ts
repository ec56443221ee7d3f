import type {
  MatchCondition,
  MatchResources,
  ParamKind,
  ParamRef,
  Variable,
} from '#types/admissionregistration.k8s.io/v1'
import { policyVariables } from '../../../../src-kube/kinds/admissionregistration/expressions.ts'
import type { ServedVersion } from '../../../../src-kube/kinds/descriptor.ts'
import { Budget, type Bindings, type Value } from '../../../../src-kube/machinery/cel/index.ts'
import type { AdmissionAttributes, ObjectReader } from '../admission.ts'
import { answered, type MayUser } from './authorizer.ts'
import { matchedVersion, selected } from '../webhooks/match.ts'
import { seenIn, type ConvertObject } from '../webhooks/seen.ts'
import { meetsConditions } from './conditions.ts'
import { matchBindings, programOf } from './expressions.ts'
import { paramsOf } from './params.ts'

/** What policies look at besides the request. */
export interface PolicyHost {
  read: ObjectReader
  may: MayUser
  convert: ConvertObject
}

/** What policies that judge and policies that change have in common. */
export interface PolicyScope {
  paramKind?: ParamKind | undefined
  matchConstraints?: MatchResources | undefined
  matchConditions?: MatchCondition[] | undefined
  variables?: Variable[] | undefined
}

/** What of a binding says where its policy holds, and with which parameters. */
export interface BindingScope {
  paramRef?: ParamRef | undefined
  matchResources?: MatchResources | undefined
}

/** What a policy's expressions speak of in one request. */
export interface Scope {
  /** The version in which the policy wants the object. */
  served: ServedVersion
  /**
   * Once for each of the parameters whose conditions are met: names as of now, for a request that may have changed since the last call. What variables cost
   * is taken from the budget.
   */
  bindings: ReadonlyArray<(budget: Budget) => Promise<Bindings>>
}

/**
 * Whether a policy under a binding is for a request, and what it speaks of; undefined when it is not. Throws `CelError` when conditions or
 * parameters cannot be settled.
 */
export async function scopeOf(
  { read, may, convert }: PolicyHost,
  policy: PolicyScope,
  binding: BindingScope,
  attributes: AdmissionAttributes,
): Promise<Scope | undefined> {
  const served = await matches(read, policy.matchConstraints, attributes)
  if (!served || !(await matches(read, binding.matchResources, attributes))) return undefined
  const { namespace } = attributes
  const space = namespace === '' ? undefined : await read.get('', 'namespaces', '', namespace)
  const bindings: Array<(budget: Budget) => Promise<Bindings>> = []
  for (const params of await paramsOf(read, policy.paramKind, binding.paramRef, attributes)) {
    const make = async (budget: Budget): Promise<Bindings> => {
      const base = matchBindings(await seenIn(attributes, served, convert), served, may)
      base.set('namespaceObject', (space ?? null) as Value).set('params', (params ?? null) as Value)
      return withVariables(policy.variables ?? [], base, budget)
    }
    const made = await make(new Budget())
    if (await answered(() => meetsConditions(policy.matchConditions, made, policyVariables))) bindings.push(make)
  }
  return { served, bindings }
}

/** Whether the resources that a policy or binding names include what is asked for, and in which version. Undefined when not. */
async function matches(
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

/** Variables are worked out when they are first spoken of, and once. */
function withVariables(
  variables: ReadonlyArray<{ name: string; expression: string }>,
  bindings: Map<string, Value | (() => Value)>,
  budget: Budget,
): Bindings {
  const made: Record<string, unknown> = {}
  for (const { name, expression } of variables) {
    let known: Value | undefined
    made[name] = () => (known ??= programOf(expression, policyVariables).evaluate(bindings, budget))
  }
  return bindings.set('variables', made as Value)
}
