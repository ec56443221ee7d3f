import type { Pod } from '#types/core/v1'
import { refusal } from '../refusal.ts'
import { isCritical } from '../critical.ts'
import type { Refusal } from '../failure.ts'
import type { Pressure } from './thresholds.ts'
import { conditionWords } from './words.ts'

const MEMORY_TAINT = 'node.kubernetes.io/memory-pressure'

/**
 * Why a node that runs low does not take a pod; undefined when it does. Where memory alone is short only pods that ask for nothing are
 * refused, unless they tolerate it (kubernetes.io, "Node-pressure Eviction: Node conditions"). Pure.
 */
export function pressureRefusal(pod: Pod, pressures: ReadonlySet<Pressure>): Refusal | undefined {
  if (pressures.size === 0 || isCritical(pod)) return undefined
  const memoryAlone = pressures.size === 1 && pressures.has('MemoryPressure')
  if (memoryAlone && (pod.status?.qosClass !== 'BestEffort' || toleratesMemoryPressure(pod))) return undefined
  return refusal('Evicted', conditionWords(pressures))
}

const toleratesMemoryPressure = ({ spec }: Pod): boolean =>
  (spec.tolerations ?? []).some(
    ({ key, operator = 'Equal', value = '', effect }) =>
      (!effect || effect === 'NoSchedule') &&
      (!key || key === MEMORY_TAINT) &&
      (operator === 'Exists' || (key === MEMORY_TAINT && value === '')),
  )
