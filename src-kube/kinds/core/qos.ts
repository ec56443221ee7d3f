import type { Container, Pod, ResourceRequirements } from '#types/core/v1'
import { milliValue } from '../../machinery/quantity.ts'

type Asking = Pick<Container, 'resources'>

/**
 * Quality of service class (kubernetes.io, "Pod Quality of Service Classes"): only cpu and memory count. A pod that asks for something as a whole
 * is judged by that alone (KEP-2837).
 */
export function qosClass(pod: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const { resources } = pod.spec
  const containers: Asking[] = asksAsWhole(resources)
    ? [{ resources }]
    : [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])]
  if (!containers.some(asksForSomething)) return 'BestEffort'
  return containers.every(isGuaranteed) ? 'Guaranteed' : 'Burstable'
}

const counted = ['cpu', 'memory'] as const

/** Whether a pod asks for something as a whole, apart from its containers. */
export const asksAsWhole = (resources: ResourceRequirements | undefined): boolean =>
  [resources?.requests, resources?.limits].some((list) =>
    Object.keys(list ?? {}).some((name) => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')),
  )

function asksForSomething({ resources }: Asking): boolean {
  return counted.some((name) => positive(resources?.requests?.[name]) || positive(resources?.limits?.[name]))
}

function isGuaranteed({ resources }: Asking): boolean {
  return counted.every((name) => {
    const limit = resources?.limits?.[name]
    const request = resources?.requests?.[name] ?? limit
    return limit !== undefined && request !== undefined && positive(limit) && milliValue(limit) === milliValue(request)
  })
}

function positive(quantity: string | undefined): boolean {
  return quantity !== undefined && milliValue(quantity) > 0
}
