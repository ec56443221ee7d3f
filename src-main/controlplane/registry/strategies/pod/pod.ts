import type { Pod, PodSpec } from '#types/core/v1'
import { mergeLabelKeys } from '../../../../../src-kube/kinds/core/label-keys.ts'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import type { Strategy } from '../../strategy.ts'
import { describeDifference } from '../difference.ts'
import { same } from '../same.ts'
import { followAnnotations, validateAnnotations } from './app-armor.ts'
import { costErrors } from './deletion-cost.ts'
import { qosClass } from '../../../../../src-kube/kinds/core/qos.ts'
import { validateEphemeralChange } from './ephemeral.ts'
import { addedGate, directivesAsBefore, widened } from './gated.ts'
import { validateResize } from './resize.ts'
import { validatePodSpec } from './spec.ts'
import { validatePodStatus, withOneAddress } from './status.ts'

const spec = fieldPath('spec')
const annotations = fieldPath('metadata', 'annotations')
const MIRROR = 'kubernetes.io/config.mirror'
/** Upstream's own words, the missing spaces included. */
const MUTABLE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

/** Pods (reference: registry/core/pod): status starts Pending, little of the spec may change, deletes are graceful once bound. */
export const podStrategy: Strategy<Pod> = {
  prepareForCreate(context, pod) {
    followAnnotations(pod, (words) => context.warn(words))
    pod.status = { phase: 'Pending', qosClass: qosClass(pod) }
    pod.spec = withLeastGrace(mergeLabelKeys(pod.metadata.labels, pod.spec))
    if (pod.spec.schedulingGates?.length)
      pod.status.conditions = [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'SchedulingGated',
          message: 'Scheduling is blocked due to non-empty scheduling gates',
          // That of every new pod.
          observedGeneration: 1,
        },
      ]
  },
  prepareForUpdate(context, object, old) {
    if (context.subresource === 'status' && object.status) object['status'] = withOneAddress(object.status)
    if (context.subresource !== '') return
    object['status'] = old['status']
    object.spec = withLeastGrace(object.spec)
  },
  validate: (_context, object) => validatePodSpec(object.spec, spec),
  validateCreate(_context, pod) {
    const mirrored = pod.metadata.annotations?.[MIRROR]
    return [
      ...(pod.spec.ephemeralContainers?.length
        ? [spec.child('ephemeralContainers').forbidden('cannot be set on create')]
        : []),
      ...(pod.spec.nodeName && pod.spec.schedulingGates?.length
        ? [spec.child('nodeName').forbidden('cannot be set until all schedulingGates have been cleared')]
        : []),
      ...(mirrored !== undefined && !pod.spec.nodeName
        ? [annotations.key(MIRROR).invalid(mirrored, 'must set spec.nodeName if mirror pod annotation is set')]
        : []),
      ...validateAnnotations(pod),
      ...costErrors(pod.metadata.annotations, annotations),
    ]
  },
  validateUpdate(context, pod, before) {
    // Binding, ephemeral containers and resize have their own rules and change the spec through their subresource.
    if (context.subresource === 'ephemeralcontainers') return validateEphemeralChange(pod.spec, before.spec, spec)
    if (context.subresource === 'resize') return validateResize(pod, before, spec)
    return context.subresource === '' ? validateChange(pod.spec, before.spec) : []
  },
  validateStatusUpdate: (_context, pod, before) => validatePodStatus(pod, before),
  gracePeriod(pod, requested) {
    if (!pod.spec.nodeName) return 0
    if (pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') return 0
    const seconds = requested ?? pod.spec.terminationGracePeriodSeconds ?? 30
    return seconds < 0 ? 1 : seconds
  },
}

/** A grace below zero stands for one second in pods, though not in templates of them. */
const withLeastGrace = (asked: PodSpec): PodSpec =>
  (asked.terminationGracePeriodSeconds ?? 0) < 0 ? { ...asked, terminationGracePeriodSeconds: 1 } : asked

function validateChange(now: PodSpec, before: PodSpec): FieldError[] {
  const errors: FieldError[] = []
  if ((now.containers ?? []).length !== before.containers.length)
    return [spec.child('containers').forbidden('pod updates may not add or remove containers')]
  if ((now.initContainers ?? []).length !== (before.initContainers ?? []).length)
    return [spec.child('initContainers').forbidden('pod updates may not add or remove containers')]
  const kept = (before.tolerations ?? []).every((old) =>
    (now.tolerations ?? []).some((t) => same({ ...t, tolerationSeconds: 0 }, { ...old, tolerationSeconds: 0 })),
  )
  if (!kept)
    errors.push(
      spec.child('tolerations').forbidden('existing toleration can not be modified except its tolerationSeconds'),
    )
  const oldDeadline = before.activeDeadlineSeconds
  if (oldDeadline !== undefined && now.activeDeadlineSeconds === undefined)
    errors.push(
      spec.child('activeDeadlineSeconds').invalid(null, 'must not update from a positive integer to nil value'),
    )
  else if (oldDeadline !== undefined && (now.activeDeadlineSeconds ?? 0) > oldDeadline)
    errors.push(
      spec
        .child('activeDeadlineSeconds')
        .invalid(now.activeDeadlineSeconds, `must be less than or equal to previous value`),
    )
  errors.push(...addedGate(now, before, spec))
  if (before.schedulingGates?.length) errors.push(...widened(now, before, spec))
  const frozen = frozenPart(now, before)
  if (same(frozen, before)) return errors
  return [...errors, spec.forbidden(`${MUTABLE}\n${describeDifference('PodSpec', before, frozen)}`)]
}

/** The new spec with everything that may change put back as it was. */
function frozenPart(now: PodSpec, before: PodSpec): PodSpec {
  const images = <T extends { image?: string | undefined }>(list: T[] | undefined, old: T[] | undefined) =>
    list?.map((container, i) => ({ ...container, image: old?.[i]?.image }))
  return {
    ...now,
    containers: images(now.containers, before.containers) ?? [],
    initContainers: images(now.initContainers, before.initContainers),
    activeDeadlineSeconds: before.activeDeadlineSeconds,
    tolerations: before.tolerations,
    schedulingGates: before.schedulingGates,
    ...((before.terminationGracePeriodSeconds ?? 0) < 0 && now.terminationGracePeriodSeconds === 1
      ? { terminationGracePeriodSeconds: before.terminationGracePeriodSeconds }
      : {}),
    ...(before.schedulingGates?.length ? directivesAsBefore(now, before) : {}),
  } as PodSpec
}
