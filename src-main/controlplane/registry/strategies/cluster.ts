import type { Namespace, Node } from '#types/core/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isDns1123Label, isLabelValue, isQualifiedName } from '../../../../src-kube/machinery/names.ts'
import { milliValue } from '../../../../src-kube/machinery/quantity.ts'
import type { Strategy } from '../strategy.ts'
import { isExtended } from './pod/resources.ts'
import { validateCidr } from './standard-addresses.ts'

/** Namespaces are born Active and held by the `kubernetes` finalizer until they are empty. */
export const namespaceStrategy: Strategy<Namespace> = {
  validateName: isDns1123Label,
  finalizerField: 'spec.finalizers',
  prepareForCreate(_context, namespace) {
    namespace.status = { phase: 'Active' }
    const finalizers = namespace.spec?.finalizers ?? []
    namespace.spec = { finalizers: finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'] }
    namespace.metadata.labels = {
      ...namespace.metadata.labels,
      'kubernetes.io/metadata.name': namespace.metadata.name,
    }
  },
  prepareForUpdate(context, object, old) {
    if (context.subresource === '') {
      object['status'] = old['status']
      object['spec'] = old['spec']
    }
  },
  validate({ subresource }, object) {
    const { finalizers = [] } = object.spec ?? {}
    const at = fieldPath('spec', 'finalizers')
    // Upstream says which one only where finalizers are all that is written.
    return finalizers.flatMap((name, i) => validateFinalizer(name, subresource === 'finalize' ? at.index(i) : at))
  },
  validateStatusUpdate(_context, object) {
    const { metadata, status } = object
    const at = fieldPath('status', 'Phase')
    if (!metadata.deletionTimestamp)
      return status?.phase === 'Active'
        ? []
        : [at.invalid(status?.phase ?? '', "may only be 'Active' if `deletionTimestamp` is empty")]
    return status?.phase === 'Terminating'
      ? []
      : [at.invalid(status?.phase ?? '', "may only be 'Terminating' if `deletionTimestamp` is not empty")]
  },
}

function validateFinalizer(name: string, at: FieldPath): FieldError[] {
  const errors = isQualifiedName(name).map((words) => at.invalid(name, words))
  if (!name.includes('/') && name !== 'kubernetes')
    errors.push(at.invalid(name, 'name is neither a standard finalizer name nor is it fully qualified'))
  return errors
}

export const nodeStrategy: Strategy<Node> = {
  bornWithStatus: true,
  prepareForCreate(_context, object) {
    object['status'] = { ...unknownNode, ...object.status }
    settleNode(object)
  },
  prepareForUpdate(context, object, old) {
    if (context.subresource === '') object['status'] = old['status']
    settleNode(object)
  },
  validate(_context, object) {
    const { spec, status } = object
    const at = fieldPath('spec', 'podCIDRs')
    return [
      // Upstream's own path.
      ...validateTaints(spec?.taints ?? [], fieldPath('metadata', 'taints')),
      ...validateNodeResources(status),
      ...(spec?.podCIDRs ?? []).flatMap((cidr, i) => validateCidr(cidr, at.index(i))),
    ]
  },
  validateUpdate(_context, object, old) {
    const now = object.spec
    const before = old.spec
    const path = fieldPath('spec')
    const errors: FieldError[] = []
    if (before?.podCIDRs?.length && now?.podCIDRs?.join() !== before.podCIDRs.join())
      errors.push(path.child('podCIDRs').forbidden('node updates may not change podCIDR except from "" to valid'))
    if (before?.providerID && now?.providerID !== before.providerID)
      errors.push(path.child('providerID').forbidden('node updates may not change providerID except from "" to valid'))
    if (errors.length > 0 || now?.externalID !== before?.externalID)
      errors.push(fieldPath('[]').forbidden('node updates may only change labels, taints, or capacity'))
    return errors
  },
  validateStatusUpdate: (_context, { status }) => [...validateNodeResources(status), ...validateNodeAddresses(status)],
}

/** What the status of every node tells, also of one that nothing is known of yet. */
const unknownNode: NonNullable<Node['status']> = {
  daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
  nodeInfo: {
    machineID: '',
    systemUUID: '',
    bootID: '',
    kernelVersion: '',
    osImage: '',
    containerRuntimeVersion: '',
    kubeletVersion: '',
    kubeProxyVersion: '',
    operatingSystem: '',
    architecture: '',
  },
}

/** A node that says no less gives away all it has; the one range of its pods and the list of them say the same: where they differ, the one does. */
function settleNode(node: Node): void {
  const { spec, status } = node
  if (status?.capacity && !status.allocatable) node.status = { ...status, allocatable: status.capacity }
  if (spec?.podCIDR && spec.podCIDRs?.[0] !== spec.podCIDR) node.spec = { ...spec, podCIDRs: [spec.podCIDR] }
  else if (spec?.podCIDRs?.length && !spec.podCIDR) node.spec = { ...spec, podCIDR: spec.podCIDRs[0] }
}

/** What a node has and what it gives away is never less than nothing, and whole where it is counted in pieces. */
function validateNodeResources(status: Node['status']): FieldError[] {
  return (['capacity', 'allocatable'] as const).flatMap((field) =>
    Object.entries(status?.[field] ?? {}).flatMap(([name, amount]) => {
      const at = fieldPath('status', field, name)
      const milli = milliValue(amount)
      const errors = milli < 0 ? [at.invalid(amount, 'must be greater than or equal to 0')] : []
      if (milli % 1000 !== 0 && (name === 'pods' || isExtended(name)))
        errors.push(at.invalid(amount, 'must be an integer'))
      return errors
    }),
  )
}

function validateNodeAddresses(status: Node['status']): FieldError[] {
  const seen = new Set<string>()
  return (status?.addresses ?? []).flatMap((address, i) => {
    const id = `${address.type} ${address.address}`
    const isKnown = seen.has(id)
    seen.add(id)
    return isKnown ? [fieldPath('status', 'addresses').index(i).duplicate(address)] : []
  })
}

const effects: readonly string[] = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

function validateTaints(taints: NonNullable<NonNullable<Node['spec']>['taints']>, path: FieldPath): FieldError[] {
  const seen = new Set<string>()
  return taints.flatMap((taint: Partial<(typeof taints)[number]>, i) => {
    const { key = '', value = '', effect } = taint
    const at = path.index(i)
    const errors = isQualifiedName(key).map((words) => at.child('key').invalid(key, words))
    errors.push(...isLabelValue(value).map((words) => at.child('value').invalid(value, words)))
    if (!effect) errors.push(at.child('effect').required())
    else if (!effects.includes(effect)) errors.push(at.child('effect').notSupported(effect, effects))
    const id = `${key}:${effect}`
    if (seen.has(id))
      errors.push({
        ...at.duplicate(id),
        message: `Duplicate value: ${JSON.stringify({ key, value, effect })}: taints must be unique by key and effect pair`,
      })
    seen.add(id)
    return errors
  })
}
