import { bytesValue } from '../../../../src-kube/machinery/quantity.ts'
import type { PodUsage } from './ranking.ts'
import { type Met, type Pressure, resourceOf } from './thresholds.ts'

const units = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'] as const

/** Bytes as quantities of powers of two are written: in the largest unit that leaves no rest. */
export function binary(bytes: number): string {
  let [amount, unit] = [Math.floor(bytes), 0]
  while (amount !== 0 && amount % 1024 === 0 && unit < units.length - 1) [amount, unit] = [amount / 1024, unit + 1]
  return `${amount}${units[unit]}`
}

/** Why a pod must go, and which of its containers use more than they asked for, in upstream's words. Pure. */
export function evictionWords(
  { signal, quantity, available }: Omit<Met, 'threshold'>,
  { pod, containers }: PodUsage,
): string {
  const resource = resourceOf(signal)
  // Of inodes and processes upstream names no container.
  const counted = resource === 'memory' || resource === 'ephemeral-storage'
  const all = !counted ? [] : [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]
  const greedy = all.flatMap(({ name, resources }) => {
    const request = resources?.requests?.[resource] ?? '0'
    const used = containers.get(name) ?? 0
    if (used <= bytesValue(request)) return []
    return `Container ${name} was using ${binary(used)}, request is ${request}, has larger consumption of ${resource}. `
  })
  const threshold = `Threshold quantity: ${binary(quantity)}, available: ${binary(available)}. `
  return `The node was low on resource: ${resource}. ${threshold}${greedy.join('')}`
}

/** Why a pod is not taken by a node that runs low, in upstream's words. */
export const conditionWords = (pressures: Iterable<Pressure>): string =>
  `The node had condition: [${[...pressures].join(' ')}]. `
