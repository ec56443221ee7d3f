import type { Container, ContainerResizePolicy, ContainerRestartRule } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { oneOf } from '../checks.ts'

const restartPolicies = ['Always', 'Never', 'OnFailure']
const resizable = ['cpu', 'memory']
const resizeRestarts = ['NotRequired', 'RestartContainer']
const actions = ['Restart', 'RestartAllContainers']
const operators = ['In', 'NotIn']
const MOST_RULES = 20
const MOST_CODES = 255

/**
 * What has a container start anew: its own restart policy and rules (kubernetes.io, "Pod Lifecycle: Individual container restart policy and
 * rules"), and a resize (kubernetes.io, "Resize CPU and Memory Resources assigned to Containers"). `path` is the container's.
 */
export function validateRestarts(
  { restartPolicy, restartPolicyRules: rules = [], resizePolicy = [] }: Container,
  path: FieldPath,
  podPolicy: string | undefined,
): FieldError[] {
  const errors: FieldError[] = []
  if (restartPolicy) errors.push(...oneOf(restartPolicy, restartPolicies, path.child('restartPolicy')))
  else if (rules.length > 0)
    errors.push(path.child('restartPolicy').required('must specify restartPolicy when restart rules are used'))
  const at = path.child('restartPolicyRules')
  if (rules.length > MOST_RULES) errors.push(at.tooMany(rules.length, MOST_RULES))
  for (const [i, rule] of rules.entries()) errors.push(...validateRule(rule, at.index(i)))
  return [...errors, ...validateResizePolicy(resizePolicy, path.child('resizePolicy'), podPolicy)]
}

function validateRule({ action, exitCodes }: ContainerRestartRule, path: FieldPath): FieldError[] {
  const errors = oneOf(action, actions, path.child('action'))
  const at = path.child('exitCodes')
  if (!exitCodes) return [...errors, at.required('must be specified')]
  const { operator, values = [] } = exitCodes
  errors.push(...oneOf(operator, operators, at.child('operator')))
  if (values.length > MOST_CODES) errors.push(at.child('values').tooMany(values.length, MOST_CODES))
  return errors
}

/** Faults are told of at the list, as upstream tells them; only what is there twice is told of at its place. */
function validateResizePolicy(
  policies: readonly ContainerResizePolicy[],
  path: FieldPath,
  podPolicy: string | undefined,
): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [i, { resourceName, restartPolicy }] of policies.entries()) {
    if (seen.has(resourceName)) errors.push(path.index(i).duplicate(resourceName))
    seen.add(resourceName)
    errors.push(...oneOf(resourceName, resizable, path), ...oneOf(restartPolicy, resizeRestarts, path))
    if (podPolicy === 'Never' && restartPolicy !== 'NotRequired')
      errors.push(path.invalid(restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'"))
  }
  return errors
}
