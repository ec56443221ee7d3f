import type { Container, Pod } from '#types/core/v1'
import { milliValue } from '../../../../../src-kube/machinery/quantity.ts'

/** Quality of service class (kubernetes.io, "Pod Quality of Service Classes"): only cpu and memory count. */
export function qosClass(pod: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])]
  if (!containers.some(asksForSomething)) return 'BestEffort'
  return containers.every(isGuaranteed) ? 'Guaranteed' : 'Burstable'
}

const counted = ['cpu', 'memory'] as const

function asksForSomething({ resources }: Container): boolean {
  return counted.some((name) => positive(resources?.requests?.[name]) || positive(resources?.limits?.[name]))
}

function isGuaranteed({ resources }: Container): boolean {
  return counted.every((name) => {
    const limit = resources?.limits?.[name]
    const request = resources?.requests?.[name] ?? limit
    return limit !== undefined && request !== undefined && positive(limit) && milliValue(limit) === milliValue(request)
  })
}

function positive(quantity: string | undefined): boolean {
  return quantity !== undefined && milliValue(quantity) > 0
}
