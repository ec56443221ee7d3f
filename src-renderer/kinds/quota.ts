import { milliValue } from '../../src-kube/machinery/quantity.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { memoryText } from './memory.ts'
import { at, textAt, type Cell } from './view.ts'

/** A row for each resource that a quota limits (kubernetes.io, "Resource Quotas"): its name, what is used of it and which share that is, and the limit. */
export function quotaRows(quota: KubeObject): Cell[][] {
  const hard = (at(quota, 'status', 'hard') ?? at(quota, 'spec', 'hard') ?? {}) as Record<string, string>
  return Object.keys(hard)
    .sort()
    .map((resource) => {
      const [used, most] = [textAt(quota, 'status', 'used', resource) || '0', String(hard[resource])]
      const words = wordsFor(resource)
      const isAllowed = milliValue(most) > 0
      const share = milliValue(used) / milliValue(most)
      return [resource, isAllowed ? { text: words(used), share } : words(used), words(most)]
    })
}

/** Bytes are told as such; what is counted is not. */
const wordsFor = (resource: string): ((amount: string) => string) =>
  /(^|\.)(memory|storage|ephemeral-storage|hugepages-\w+)$/.test(resource) ? memoryText : (amount) => amount
