import type { PodSpec, ResourceRequirements } from '#types/core/v1'
import { podResources } from '../../../../../src-kube/kinds/quota/usage.ts'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { compareQuantities } from '../../../../../src-kube/machinery/quantity.ts'
import { validateResources } from './resources.ts'

const supported = ['cpu', 'hugepages-', 'memory']

/**
 * What a pod asks for as a whole (kubernetes.io, "Assign Pod-level CPU and memory resources"; KEP-2837): processors, memory and huge pages, no less
 * than its containers ask for together, and no container may use more. `path` is that of the spec.
 */
export function validateWholeResources(spec: PodSpec, path: FieldPath): FieldError[] {
  const { resources } = spec
  if (!resources) return []
  const at = path.child('resources')
  if (resources.claims?.length) return [at.child('claims').forbidden('claims cannot be set for pod-level resources')]
  const errors = unsupported(resources, at)
  if (errors.length > 0) return errors
  validateResources(resources, at, errors)
  const { resources: _, ...containers } = spec
  const together = podResources({ spec: containers } as Parameters<typeof podResources>[0], 'requests')
  for (const [name, asked] of Object.entries((resources.requests ?? {}) as Record<string, string>)) {
    const least = together[name]
    if (least === undefined || compareQuantities(asked, least) >= 0) continue
    const words = `must be greater than or equal to aggregate container requests of ${least}`
    errors.push(at.child('requests').key(name).invalid(asked, words))
  }
  return [...errors, ...greedy(spec, path)]
}

function unsupported({ requests, limits }: ResourceRequirements, at: FieldPath): FieldError[] {
  const known = (name: string): boolean => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')
  return Object.entries({ limits, requests }).flatMap(([part, list]) =>
    Object.keys(list ?? {})
      .filter((name) => !known(name))
      .map((name) => at.child(part).key(name).notSupported(name, supported)),
  )
}

/** Containers whose limits are above the pod's. */
function greedy({ resources, containers = [], initContainers = [] }: Partial<PodSpec>, path: FieldPath): FieldError[] {
  const most = (resources?.limits ?? {}) as Record<string, string>
  return Object.entries({ containers, initContainers }).flatMap(([list, all]) =>
    all.flatMap((container, i) =>
      Object.entries((container.resources?.limits ?? {}) as Record<string, string>).flatMap(([name, limit]) => {
        const ofPod = most[name]
        if (ofPod === undefined || compareQuantities(limit, ofPod) <= 0) return []
        const at = path.child(list).index(i).child('resources', 'limits')
        return [at.key(name).invalid(limit, `must be less than or equal to pod limits of ${ofPod}`)]
      }),
    ),
  )
}
