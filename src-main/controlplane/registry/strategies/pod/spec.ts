import type { PodSpec, PodTemplateSpec, Volume } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1123Label, isDns1123Subdomain } from '../../../../../src-kube/machinery/names.ts'
import { oneOf } from '../checks.ts'
import { validateAnnotations, validateLabels } from '../metadata.ts'
import { costErrors } from './deletion-cost.ts'
import { usesClaims, validateClaims } from './claims.ts'
import { validateContainers, validateInitContainers, type Siblings } from './container.ts'
import { validateEphemeral } from './ephemeral.ts'
import { validateHostname, validateNaming } from './naming.ts'
import { validateList } from './resources.ts'
import { validateScheduling } from './scheduling.ts'
import { validatePodSecurity } from './security.ts'
import { validateSystem } from './system.ts'
import { validateVolumes } from './volumes.ts'
import { validateWholeResources } from './whole-resources.ts'

const restartPolicies = ['Always', 'Never', 'OnFailure']
const dnsPolicies = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None']

/** Of a template: `claims` are volumes that come from elsewhere, a StatefulSet's claim templates. */
interface OfTemplate {
  claims: readonly string[]
}

/** Reference: `ValidatePodSpec`. Works on a defaulted spec, of a pod unless it is said to be a template's. */
export function validatePodSpec(spec: PodSpec, path: FieldPath, template?: OfTemplate): FieldError[] {
  const errors: FieldError[] = []
  validateParts(spec, path, template, errors)
  if (!spec.restartPolicy || !restartPolicies.includes(spec.restartPolicy))
    errors.push(...oneOf(spec.restartPolicy, restartPolicies, path.child('restartPolicy')))
  if (!spec.dnsPolicy || !dnsPolicies.includes(spec.dnsPolicy))
    errors.push(...oneOf(spec.dnsPolicy, dnsPolicies, path.child('dnsPolicy')))
  if (spec.hostAliases || spec.dnsConfig || spec.dnsPolicy === 'None') errors.push(...validateNaming(spec, path))
  if (spec.securityContext || spec.hostPID || spec.hostUsers === false) errors.push(...validatePodSecurity(spec, path))
  if (spec.os) errors.push(...validateSystem(spec, path))
  if (spec.resources) errors.push(...validateWholeResources(spec, path))
  if (spec.overhead) validateList(spec.overhead, path, 'overhead', errors)
  if (spec.nodeSelector) errors.push(...validateLabels(spec.nodeSelector, path.child('nodeSelector')))
  errors.push(...subdomain(spec.serviceAccountName, path.child('serviceAccountName')))
  errors.push(...subdomain(spec.nodeName, path.child('nodeName')))
  if (spec.hostnameOverride) errors.push(...validateHostname(spec, path))
  for (const field of ['hostname', 'subdomain'] as const) {
    const value = spec[field]
    if (value) errors.push(...isDns1123Label(value).map((w) => path.child(field).invalid(value, w)))
  }
  const deadline = spec.activeDeadlineSeconds
  if (deadline !== undefined && (deadline < 1 || deadline > 2147483647))
    errors.push(path.child('activeDeadlineSeconds').invalid(deadline, 'must be between 1 and 2147483647, inclusive'))
  if (usesClaims(spec)) errors.push(...validateClaims(spec, path))
  errors.push(...validateScheduling(spec, path))
  errors.push(...subdomain(spec.priorityClassName, path.child('priorityClassName')))
  errors.push(...subdomain(spec.runtimeClassName, path.child('runtimeClassName')))
  return errors
}

/** What a pod is made of: its volumes, and the containers that share them. */
function validateParts(spec: PodSpec, path: FieldPath, template: OfTemplate | undefined, errors: FieldError[]): void {
  const isTemplate = template !== undefined
  const volumes = new Map<string, Volume | undefined>()
  for (const claim of template?.claims ?? []) volumes.set(claim, undefined)
  if (spec.volumes) validateVolumes(spec.volumes, path.child('volumes'), errors, { isTemplate, volumes })
  const siblings: Siblings = { spec, isTemplate, volumes, names: new Set(), hostPorts: new Set() }
  if (!spec.containers?.length) errors.push(path.child('containers').required())
  else validateContainers(spec.containers, path.child('containers'), siblings, errors)
  if (spec.initContainers) validateInitContainers(spec.initContainers, path.child('initContainers'), siblings, errors)
  if (spec.ephemeralContainers)
    validateEphemeral(spec.ephemeralContainers, path.child('ephemeralContainers'), siblings, errors)
}

/** A template: labels, annotations and the spec of pods made from it. */
export function validatePodTemplate(
  template: PodTemplateSpec | undefined,
  path: FieldPath,
  claims: readonly string[] = [],
): FieldError[] {
  if (!template?.spec) return [path.child('spec', 'containers').required()]
  return [
    ...validateLabels(template.metadata?.labels, path.child('labels')),
    ...validateAnnotations(template.metadata?.annotations, path.child('annotations')),
    ...costErrors(template.metadata?.annotations, path.child('annotations')),
    ...validatePodSpec(template.spec, path.child('spec'), { claims }),
    ...(template.spec.ephemeralContainers?.length
      ? [path.child('spec', 'ephemeralContainers').forbidden('ephemeral containers not allowed in pod template')]
      : []),
  ]
}

function subdomain(value: string | undefined, path: FieldPath): FieldError[] {
  return value ? isDns1123Subdomain(value).map((w) => path.invalid(value, w)) : []
}
