import type { Node, Taint, Toleration } from '#types/core/v1'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import { isFor } from '../../../../src-kube/machinery/tolerations.ts'
import type { Eviction } from './zones.ts'

const PREFIX = 'node.kubernetes.io/'
/** Condition → status → taint that keeps new pods away. */
const byCondition: Record<string, Record<string, string>> = {
  Ready: { False: 'not-ready', Unknown: 'unreachable' },
  MemoryPressure: { True: 'memory-pressure' },
  DiskPressure: { True: 'disk-pressure' },
  PIDPressure: { True: 'pid-pressure' },
  NetworkUnavailable: { True: 'network-unavailable' },
}
const managedNoSchedule = new Set(
  [...Object.values(byCondition).flatMap((s) => Object.values(s)), 'unschedulable'].map((n) => PREFIX + n),
)
const managedNoExecute = new Set([`${PREFIX}not-ready`, `${PREFIX}unreachable`])

/**
 * The taints a node should have: what others put there, and what its conditions and `spec.unschedulable` ask for ("Taints and
 * Tolerations", taint nodes by condition). `eviction` says whether not being ready may cost the node its pods.
 */
export function wantedTaints(node: Node, eviction: Eviction, now: number): Taint[] {
  const current = node.spec?.taints ?? []
  const wanted: Taint[] = current.filter((taint) => !isManaged(taint))
  const present = (key: string, effect: string) => current.find((taint) => taint.key === key && taint.effect === effect)
  const add = (name: string, effect: 'NoSchedule' | 'NoExecute') => {
    const key = PREFIX + name
    const known = present(key, effect)
    wanted.push(known ?? { key, effect, timeAdded: formatTime(now) })
  }
  for (const { type, status } of node.status?.conditions ?? []) {
    const name = byCondition[type]?.[status]
    if (name) add(name, 'NoSchedule')
    const evicting = eviction === 'add' || (eviction === 'keep' && name && present(PREFIX + name, 'NoExecute'))
    if (name && type === 'Ready' && evicting) add(name, 'NoExecute')
  }
  if (node.spec?.unschedulable) add('unschedulable', 'NoSchedule')
  return wanted
}

function isManaged({ key, effect }: Taint): boolean {
  if (effect === 'NoSchedule') return managedNoSchedule.has(key)
  return effect === 'NoExecute' && managedNoExecute.has(key)
}

/** Equal by key, value and effect, whatever their order and times. */
export function sameTaints(a: readonly Taint[], b: readonly Taint[]): boolean {
  const texts = new Set(a.map(taintText))
  return a.length === b.length && b.every((taint) => texts.has(taintText(taint)))
}

const taintText = ({ key, value = '', effect }: Taint) => `${key}=${value}:${effect}`

/**
 * Milliseconds a pod may stay under NoExecute taints: 0 when one is not tolerated, Infinity when all are for good. Of several
 * tolerations that fit a taint the first counts.
 */
export function toleratedFor(tolerations: readonly Toleration[], taints: readonly Taint[]): number {
  let least = Infinity
  for (const taint of taints) {
    const first = tolerations.find((toleration) => isFor(toleration, taint))
    if (!first) return 0
    const { tolerationSeconds } = first
    if (tolerationSeconds !== undefined) least = Math.min(least, Math.max(0, tolerationSeconds) * 1000)
  }
  return least
}
