import type { Container, Pod, ResourceRequirements } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { same } from '../same.ts'
import { qosClass } from '../../../../../src-kube/kinds/core/qos.ts'

/**
 * What a resize may change (KEP-1287, KEP-5419; reference: `ValidatePodResize`): CPU and memory of containers and of the pod as a whole, without moving the pod to another class of
 * quality of service and without taking back a value that was set.
 */
export function validateResize(pod: Pod, before: Pod, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (qosClass(pod) !== (before.status?.qosClass ?? qosClass(before)))
    errors.push(path.invalid(qosClass(pod), 'Pod QOS Class may not change as a result of resizing'))
  errors.push(...validateChange(pod.spec.resources, before.spec.resources, path.child('resources')))
  for (const list of ['containers', 'initContainers'] as const)
    errors.push(...validateContainers(list, pod.spec[list] ?? [], before.spec[list] ?? [], path))
  return errors
}

/** The same containers in the same order, whose resources may differ. */
function validateContainers(
  list: 'containers' | 'initContainers',
  now: readonly Container[],
  before: readonly Container[],
  path: FieldPath,
): FieldError[] {
  const at = path.child(list)
  if (now.length !== before.length) return [at.forbidden(`${list} may not be added or removed on resize`)]
  return now.flatMap((container, i) =>
    container.name === before[i]!.name
      ? validateChange(container.resources, before[i]!.resources, at.index(i).child('resources'))
      : [at.index(i).child('name').forbidden(`${list} may not be renamed or reordered on resize`)],
  )
}

type Resources = ResourceRequirements | undefined

function validateChange(now: Resources, before: Resources, at: FieldPath): FieldError[] {
  if (same(now, before)) return []
  const errors: FieldError[] = []
  if (!same(withoutCompute(now), withoutCompute(before)))
    errors.push(at.forbidden('only cpu and memory resources are mutable'))
  for (const kind of ['limits', 'requests'] as const)
    for (const resource of ['cpu', 'memory'])
      if (before?.[kind]?.[resource] !== undefined && now?.[kind]?.[resource] === undefined)
        errors.push(at.child(kind).forbidden(`resource ${kind} cannot be removed`))
  return errors
}

/** Resources but for CPU and memory; maps that are empty then count as absent. */
function withoutCompute(resources: ResourceRequirements | undefined): object {
  const rest = (list: Record<string, string> | undefined): object | undefined => {
    const { cpu: _, memory: __, ...others } = list ?? {}
    return Object.keys(others).length > 0 ? others : undefined
  }
  return { ...resources, limits: rest(resources?.limits), requests: rest(resources?.requests) }
}
