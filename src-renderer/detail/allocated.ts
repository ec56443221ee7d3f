/** What the pods of a node ask for, beside what it has for them. Pure. */
import type { Pod } from '#types/core/v1'
import { podResources } from '../../src-kube/kinds/quota/usage.ts'
import { addQuantities, formatQuantity, milliValue } from '../../src-kube/machinery/quantity.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { at, textAt } from '../kinds/view.ts'

/** What the pods of a node ask for of one resource, as quantities in Kubernetes' notation. */
export interface Allocated {
  resource: string
  requests: string
  limits: string
  allocatable: string
  /** Of what the node has, 0 to 1 and beyond; undefined where it has none. */
  requested: number | undefined
  limited: number | undefined
}

/** As `kubectl describe node` counts: pods that have ended no more; one row for each resource that the node or a pod knows. */
export function allocatedOf(node: KubeObject, pods: Iterable<KubeObject>): Allocated[] {
  const sums = { requests: new Map<string, string>(), limits: new Map<string, string>() }
  let count = 0
  for (const pod of pods) {
    if (['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase'))) continue
    count++
    for (const which of ['requests', 'limits'] as const) {
      for (const [name, amount] of Object.entries(podResources(pod as Pod, which)))
        sums[which].set(name, formatQuantity(addQuantities(sums[which].get(name) ?? '0', amount)))
    }
  }
  sums.requests.set('pods', String(count))
  const has = (at(node, 'status', 'allocatable') ?? {}) as Record<string, string>
  const names = new Set([...Object.keys(has), ...sums.requests.keys(), ...sums.limits.keys()])
  return [...names].sort(byImportance).map((resource) => {
    const [requests, limits] = [sums.requests.get(resource) ?? '0', sums.limits.get(resource) ?? '']
    const allocatable = has[resource] ?? '0'
    const share = (amount: string): number | undefined =>
      milliValue(allocatable) > 0 && amount !== '' ? milliValue(amount) / milliValue(allocatable) : undefined
    return { resource, requests, limits, allocatable, requested: share(requests), limited: share(limits) }
  })
}

const first = ['cpu', 'memory', 'pods']

function byImportance(a: string, b: string): number {
  const rank = (name: string): number => (first.includes(name) ? first.indexOf(name) : first.length)
  return rank(a) - rank(b) || (a < b ? -1 : 1)
}
