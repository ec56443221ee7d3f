import type { Container, Pod } from '#types/core/v1'

/** Every container that a pod may have: main, init and ephemeral ones. */
export function allContainers({ spec }: Pod): Container[] {
  return [...spec.containers, ...(spec.initContainers ?? []), ...((spec.ephemeralContainers ?? []) as Container[])]
}

/** By name, among init, ordinary and ephemeral ones alike. */
export function findContainer(pod: Pod, name: string): Container | undefined {
  return allContainers(pod).find((container) => container.name === name)
}

/** Where a container stands in its pod, as events say it. */
export function fieldPath({ spec }: Pod, { name }: Container): string {
  const named = (container: { name: string }): boolean => container.name === name
  if (spec.initContainers?.some(named)) return `spec.initContainers{${name}}`
  return spec.ephemeralContainers?.some(named) ? `spec.ephemeralContainers{${name}}` : `spec.containers{${name}}`
}

/** Seconds that a pod asks for to end in. What is negative counts as one (reference: PodSpec, `terminationGracePeriodSeconds`). */
export function graceOf({ spec: { terminationGracePeriodSeconds: seconds = 30 } }: Pick<Pod, 'spec'>): number {
  return seconds < 0 ? 1 : seconds
}
