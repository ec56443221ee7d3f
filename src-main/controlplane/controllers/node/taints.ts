import type { Node, Taint, Toleration } from '#types/core/v1'
import { formatTime } from '../../../../src-kube/machinery/time.ts'

const prefix = 'node.kubernetes.io/'
/** Condition → status → taint that keeps new pods away. */
const byCondition: Record<string, Record<string, string>> = {
  Ready: { False: 'not-ready', Unknown: 'unreachable' },
  MemoryPressure: { True: 'memory-pressure' },
  DiskPressure: { True: 'disk-pressure' },
  PIDPressure: { True: 'pid-pressure' },
  NetworkUnavailable: { True: 'network-unavailable' },
}
const managedNoSchedule = new Set(
  [...Object.values(byCondition).flatMap((s) => Object.values(s)), 'unschedulable'].map((n) => prefix + n),
)
const managedNoExecute = new Set([`${prefix}not-ready`, `${prefix}unreachable`])

/**
 * The taints a node should have: what others put there, and what its conditions and `spec.unschedulable` ask for ("Taints and
 * Tolerations", taint nodes by condition). `evict` says whether silence may cost the node its pods.
 */
export function wantedTaints(node: Node, evict: boolean, now: number): Taint[] {
  const current = node.spec?.taints ?? []
  const wanted: Taint[] = current.filter((taint) => !isManaged(taint))
  const add = (name: string, effect: 'NoSchedule' | 'NoExecute') => {
    const key = prefix + name
    const known = current.find((taint) => taint.key === key && taint.effect === effect)
    wanted.push(known ?? { key, effect, timeAdded: formatTime(now) })
  }
  for (const { type, status } of node.status?.conditions ?? []) {
    const name = byCondition[type]?.[status]
    if (name) add(name, 'NoSchedule')
    if (name && type === 'Ready' && evict) add(name, 'NoExecute')
  }
  if (node.spec?.unschedulable) add('unschedulable', 'NoSchedule')
  return wanted
}

function isManaged({ key, effect }: Taint): boolean {
  if (effect === 'NoSchedule') return managedNoSchedule.has(key)
  return effect === 'NoExecute' && managedNoExecute.has(key)
}

export function sameTaints(a: readonly Taint[], b: readonly Taint[]): boolean {
  const texts = new Set(a.map(taintText))
  return a.length === b.length && b.every((taint) => texts.has(taintText(taint)))
}

const taintText = ({ key, value = '', effect }: Taint) => `${key}=${value}:${effect}`

export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false
  if (toleration.key && toleration.key !== taint.key) return false
  if (toleration.operator === 'Exists') return true
  return !!toleration.key && (toleration.value ?? '') === (taint.value ?? '')
}

/** Milliseconds a pod may stay under NoExecute taints: 0 when one is not tolerated, Infinity when all are for good. */
export function toleratedFor(tolerations: readonly Toleration[], taints: readonly Taint[]): number {
  let least = Infinity
  for (const taint of taints) {
    const matching = tolerations.filter((toleration) => tolerates(toleration, taint))
    if (matching.length === 0) return 0
    for (const { tolerationSeconds } of matching)
      if (tolerationSeconds !== undefined) least = Math.min(least, Math.max(0, tolerationSeconds) * 1000)
  }
  return least
}
