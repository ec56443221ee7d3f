import type { JobSpec, PodFailurePolicyRule, SuccessPolicyRule } from '#types/batch/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isQualifiedName } from '../../../../src-kube/machinery/names.ts'
import { readIndexes } from './job-indexes.ts'
import { nonNegative } from './checks.ts'

const MOST_RULES = 20
const MOST_CONDITIONS = 20
const MOST_CODES = 255
const MOST_INDEXES = 64 * 1024
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const operators = ['In', 'NotIn']
const statuses = ['False', 'True', 'Unknown']

/** What is wrong with how a job takes failures of its pods (kubernetes.io, "Jobs: Pod failure policy"). */
export function validateFailurePolicy(spec: JobSpec, path: FieldPath): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? []
  const at = path.child('rules')
  const errors = rules.length > MOST_RULES ? [at.tooMany(rules.length, MOST_RULES)] : []
  for (const [i, rule] of rules.entries()) errors.push(...validateRule(spec, rule, at.index(i)))
  return errors
}

function validateRule(spec: JobSpec, rule: PodFailurePolicyRule, at: FieldPath): FieldError[] {
  const { action, onExitCodes, onPodConditions = [] } = rule
  const errors: FieldError[] = []
  if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined)
    errors.push(at.child('action').invalid(action, 'requires the backoffLimitPerIndex to be set'))
  else errors.push(...oneOfThese(action, actions, at.child('action')))
  if (onExitCodes) errors.push(...validateCodes(spec, onExitCodes, at.child('onExitCodes')))
  const conditions = at.child('onPodConditions')
  if (onPodConditions.length > MOST_CONDITIONS) errors.push(conditions.tooMany(onPodConditions.length, MOST_CONDITIONS))
  for (const [i, { type = '', status }] of onPodConditions.entries()) {
    const here = conditions.index(i)
    errors.push(...isQualifiedName(type).map((words) => here.child('type').invalid(type, words)))
    errors.push(...oneOfThese(status, statuses, here.child('status')))
  }
  const isCondition = onPodConditions.length > 0
  if (onExitCodes && isCondition)
    errors.push(at.invalidWithoutValue('specifying both OnExitCodes and OnPodConditions is not supported'))
  if (!onExitCodes && !isCondition)
    errors.push(at.invalidWithoutValue('specifying one of OnExitCodes and OnPodConditions is required'))
  return errors
}

function oneOfThese(value: string | undefined, values: readonly string[], at: FieldPath): FieldError[] {
  if (!value) return [at.required(`valid values: [${values.map((one) => JSON.stringify(one)).join(' ')}]`)]
  return values.includes(value) ? [] : [at.notSupported(value, values)]
}

type ExitCodes = NonNullable<PodFailurePolicyRule['onExitCodes']>

function validateCodes({ template }: JobSpec, codes: Partial<ExitCodes>, at: FieldPath): FieldError[] {
  const { operator, containerName, values = [] } = codes
  const errors = oneOfThese(operator, operators, at.child('operator'))
  const { containers = [], initContainers = [] } = template.spec ?? {}
  if (containerName !== undefined && ![...containers, ...initContainers].some(({ name }) => name === containerName))
    errors.push(
      at
        .child('containerName')
        .invalid(containerName, 'must be one of the container or initContainer names in the pod template'),
    )
  const all = at.child('values')
  if (values.length === 0) errors.push(all.invalid(values, 'at least one value is required'))
  else if (values.length > MOST_CODES) errors.push(all.tooMany(values.length, MOST_CODES))
  for (const [i, code] of values.entries()) {
    if (operator === 'In' && code === 0) errors.push(all.index(i).invalid(code, 'must not be 0 for the In operator'))
    if (values.indexOf(code) < i) errors.push(all.index(i).duplicate(code))
  }
  if (values.some((code, i) => i > 0 && values[i - 1]! > code)) errors.push(all.invalid(values, 'must be ordered'))
  return errors
}

/** What is wrong with when an indexed job has succeeded (kubernetes.io, "Jobs: Success policy"). */
export function validateSuccessPolicy({ successPolicy, completions = 0 }: JobSpec, path: FieldPath): FieldError[] {
  const rules = successPolicy?.rules ?? []
  const at = path.child('rules')
  if (rules.length === 0)
    return [at.required('at least one rules must be specified when the successPolicy is specified')]
  const errors = rules.length > MOST_RULES ? [at.tooMany(rules.length, MOST_RULES)] : []
  for (const [i, rule] of rules.entries()) errors.push(...validateSuccess(rule, completions, at.index(i)))
  return errors
}

function validateSuccess(rule: SuccessPolicyRule, completions: number, at: FieldPath): FieldError[] {
  const { succeededIndexes: indexes, succeededCount: count } = rule
  if (indexes === undefined && count === undefined)
    return [at.required('at least one of succeededCount or succeededIndexes must be specified')]
  const errors: FieldError[] = []
  const listed = at.child('succeededIndexes')
  if (indexes !== undefined && indexes.length > MOST_INDEXES) errors.push(listed.tooLong(MOST_INDEXES))
  const read = indexes === undefined ? { total: Infinity } : readIndexes(indexes, completions)
  if ('fault' in read) errors.push(listed.invalid(indexes, `error parsing succeededIndexes: ${read.fault}`))
  if (count === undefined) return errors
  const counted = at.child('succeededCount')
  errors.push(...nonNegative(count, counted))
  const most = (number: number, what: string) =>
    counted.invalid(count, `must be less than or equal to ${number} (the number of ${what})`)
  if (count > completions) errors.push(most(completions, 'specified completions'))
  const total = 'fault' in read ? 0 : read.total
  if (count > total) errors.push(most(total, 'indexes in the specified succeededIndexes field'))
  return errors
}
