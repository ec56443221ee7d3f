import type { Container, Pod, PodCondition, ResourceRequirements } from '#types/core/v1'

/** Resources by container, and those of the pod as a whole under {@link WHOLE}. */
export type Allocation = ReadonlyMap<string, ResourceRequirements | undefined>

/** Conditions that a pod has only while it is resized (KEP-1287). */
export const resizeConditions = ['PodResizePending', 'PodResizeInProgress'] as const

/** No container has this name. */
export const WHOLE = ''

/** What a pod asks for. */
export function askedBy({ spec }: Pod): Allocation {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])]
  return new Map([[WHOLE, spec.resources], ...containers.map((one) => [one.name, one.resources] as const)])
}

/** What a pod that waits for a resize has, as its status says; else what it asks for. */
export function allocatedTo(pod: Pod): Allocation {
  const { conditions, containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {}
  const pending = conditions?.some(({ type, status }) => type === 'PodResizePending' && status === 'True')
  if (!pending) return askedBy(pod)
  const statuses = [...containerStatuses, ...initContainerStatuses]
  const said = new Map([
    [WHOLE, pod.status?.resources],
    ...statuses.map(({ name, resources }) => [name, resources] as const),
  ])
  return new Map([...askedBy(pod)].map(([name, resources]) => [name, said.get(name) ?? resources]))
}

/** The pod with the resources that it has in place of those that it asks for. */
export function withAllocation(pod: Pod, allocation: Allocation): Pod {
  const given = (container: Container): Container => {
    const resources = allocation.get(container.name)
    const { resources: _, ...rest } = container
    return resources ? { ...rest, resources } : rest
  }
  const { containers, initContainers, resources: _, ...rest } = pod.spec
  const inits = initContainers ? { initContainers: initContainers.map(given) } : {}
  const whole = allocation.get(WHOLE)
  return {
    ...pod,
    spec: { ...rest, ...(whole ? { resources: whole } : {}), containers: containers.map(given), ...inits },
  }
}

/** Whether every container of `a` has the same requests and limits in `b`, as they are written. */
export function sameAllocation(a: Allocation, b: Allocation): boolean {
  const sorted = (list: Record<string, string> = {}) => Object.entries(list).toSorted(([x], [y]) => (x < y ? -1 : 1))
  const amounts = (resources: ResourceRequirements | undefined): string =>
    JSON.stringify([sorted(resources?.requests), sorted(resources?.limits)])
  return [...a].every(([name, resources]) => amounts(resources) === amounts(b.get(name)))
}

/** A condition that a node sets only when there is something to tell, as of a resize. */
export type FurtherCondition = Pick<PodCondition, 'type' | 'status'> & { reason?: string; message?: string }
