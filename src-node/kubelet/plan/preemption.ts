import type { Pod } from '#types/core/v1'
import { isCritical } from './critical.ts'

/** Qualities of service, those first that are given up first. */
const qualities = ['BestEffort', 'Burstable', 'Guaranteed']

/** Of a pod that goes so that a critical one can come, in upstream's words. */
export const preempted = {
  reason: 'Preempting',
  words: 'Preempted in order to admit critical pod',
  condition: 'Pod was preempted by Kubelet to accommodate a critical pod.',
} as const

/**
 * The pods to evict so that there is room for a critical one: less important ones only, no more than needed, those of the lowest quality of service
 * and priority first (kubernetes.io, "Guaranteed Scheduling For Critical Add-On Pods"). `fits` says whether there is
 * room beside the pods that stay. Undefined when the pod is not critical, or all that may go would not be enough. Pure.
 */
export function preemptedFor(
  pod: Pod,
  others: readonly Pod[],
  fits: (staying: readonly Pod[]) => boolean,
): Pod[] | undefined {
  if (!isCritical(pod)) return undefined
  const mayGo = others
    .filter((other) => !isCritical(other) || priority(other) < priority(pod))
    .toSorted((a, b) => quality(a) - quality(b) || priority(a) - priority(b))
  const without = (gone: readonly Pod[]): Pod[] => others.filter((other) => !gone.includes(other))
  const enough = mayGo.findIndex((_, i) => fits(without(mayGo.slice(0, i + 1))))
  if (enough < 0) return undefined
  // A pod that was chosen early may not be needed any more once the last one is.
  return mayGo.slice(0, enough + 1).reduce<Pod[]>(
    (gone, one) => {
      const fewer = gone.filter((other) => other !== one)
      return fits(without(fewer)) ? fewer : gone
    },
    mayGo.slice(0, enough + 1),
  )
}

const priority = ({ spec }: Pod): number => spec.priority ?? 0
const quality = ({ status }: Pod): number => qualities.indexOf(status?.qosClass ?? 'BestEffort')
