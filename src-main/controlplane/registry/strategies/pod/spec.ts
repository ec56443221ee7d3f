import type { PodSpec, PodTemplateSpec, Toleration, Volume } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1123Label, isDns1123Subdomain, isQualifiedName } from '../../../../../src-kube/machinery/names.ts'
import { nonNegative, oneOf } from '../checks.ts'
import { validateAnnotations, validateLabels } from '../metadata.ts'
import { validateContainers } from './container.ts'

/**
 * Reference: `ValidatePodSpec`. Works on a defaulted spec. `claims` are volumes that come from elsewhere: a StatefulSet's
 * claim templates.
 */
export function validatePodSpec(spec: PodSpec, path: FieldPath, claims: readonly string[] = []): FieldError[] {
  const errors: FieldError[] = []
  const volumes = new Set([...claims, ...(spec.volumes ?? []).map((volume) => volume.name)])
  const names = new Set<string>()
  errors.push(...validateVolumes(spec.volumes ?? [], path.child('volumes')))
  if ((spec.containers ?? []).length === 0) errors.push(path.child('containers').required())
  errors.push(...validateContainers(spec.containers ?? [], path.child('containers'), volumes, names, false))
  errors.push(...validateContainers(spec.initContainers ?? [], path.child('initContainers'), volumes, names, true))
  errors.push(...oneOf(spec.restartPolicy, ['Always', 'Never', 'OnFailure'], path.child('restartPolicy')))
  const policies = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None']
  errors.push(...oneOf(spec.dnsPolicy, policies, path.child('dnsPolicy')))
  if (spec.dnsPolicy === 'None' && !spec.dnsConfig?.nameservers?.length)
    errors.push(
      path
        .child('dnsConfig', 'nameservers')
        .required('must provide at least one DNS nameserver when `dnsPolicy` is None'),
    )
  errors.push(...validateLabels(spec.nodeSelector, path.child('nodeSelector')))
  errors.push(...subdomain(spec.serviceAccountName, path.child('serviceAccountName')))
  errors.push(...subdomain(spec.nodeName, path.child('nodeName')))
  for (const field of ['hostname', 'subdomain'] as const) {
    const value = spec[field]
    if (value) errors.push(...isDns1123Label(value).map((w) => path.child(field).invalid(value, w)))
  }
  const deadline = spec.activeDeadlineSeconds
  if (deadline !== undefined && (deadline < 1 || deadline > 2147483647))
    errors.push(path.child('activeDeadlineSeconds').invalid(deadline, 'must be between 1 and 2147483647, inclusive'))
  errors.push(...nonNegative(spec.terminationGracePeriodSeconds, path.child('terminationGracePeriodSeconds')))
  errors.push(...(spec.tolerations ?? []).flatMap((t, i) => validateToleration(t, path.child('tolerations').index(i))))
  return errors
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
    ...validatePodSpec(template.spec, path.child('spec'), claims),
  ]
}

function subdomain(value: string | undefined, path: FieldPath): FieldError[] {
  return value ? isDns1123Subdomain(value).map((w) => path.invalid(value, w)) : []
}

function validateVolumes(volumes: readonly Volume[], path: FieldPath): FieldError[] {
  const names = new Set<string>()
  return volumes.flatMap((volume, i) => {
    const at = path.index(i)
    const errors: FieldError[] = []
    if (!volume.name) errors.push(at.child('name').required())
    else errors.push(...isDns1123Label(volume.name).map((w) => at.child('name').invalid(volume.name, w)))
    if (names.has(volume.name)) errors.push(at.child('name').duplicate(volume.name))
    names.add(volume.name)
    return [...errors, ...validateSource(volume, at)]
  })
}

function validateSource(volume: Volume, path: FieldPath): FieldError[] {
  const sources = Object.entries(volume).filter(([key, value]) => key !== 'name' && value !== undefined)
  if (sources.length === 0) return [path.required('must specify a volume type')]
  const errors = sources.slice(1).map(([key]) => path.child(key).forbidden('may not specify more than 1 volume type'))
  if (volume.hostPath && !volume.hostPath.path) errors.push(path.child('hostPath', 'path').required())
  if (volume.secret && !volume.secret.secretName) errors.push(path.child('secret', 'secretName').required())
  if (volume.configMap && !volume.configMap.name) errors.push(path.child('configMap', 'name').required())
  if (volume.persistentVolumeClaim && !volume.persistentVolumeClaim.claimName)
    errors.push(path.child('persistentVolumeClaim', 'claimName').required())
  return errors
}

function validateToleration(toleration: Toleration, path: FieldPath): FieldError[] {
  const { key, operator = 'Equal', value, effect, tolerationSeconds } = toleration
  const errors: FieldError[] = key ? isQualifiedName(key).map((w) => path.child('key').invalid(key, w)) : []
  if (!key && operator !== 'Exists')
    errors.push(
      path
        .child('operator')
        .invalid(operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"'),
    )
  if (operator === 'Exists' && value)
    errors.push(path.child('operator').invalid(toleration.value, "value must be empty when `operator` is 'Exists'"))
  if (tolerationSeconds !== undefined && effect !== 'NoExecute')
    errors.push(
      path.child('effect').invalid(effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"),
    )
  if (effect) errors.push(...oneOf(effect, ['NoSchedule', 'PreferNoSchedule', 'NoExecute'], path.child('effect')))
  return errors
}
