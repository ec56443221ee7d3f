import type { Taint } from '#types/core/v1'
import { invertToHundred } from '../framework/normalize.ts'
import type { Failure, Plugin } from '../framework/plugin.ts'
import { tolerates } from '../../../../src-kube/machinery/tolerations.ts'

const failures = new WeakMap<Taint, Failure>()

/** One failure per taint object: nodes keep theirs until they change. */
function failureOf(taint: Taint): Failure {
  let failure = failures.get(taint)
  if (!failure) {
    const detail = `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`
    failures.set(taint, (failure = { reasons: ['node(s) had untolerated taint(s)'], detail, unresolvable: true }))
  }
  return failure
}

/** Taints NoSchedule and NoExecute repel pods that do not tolerate them; PreferNoSchedule makes a node less liked. */
export const taintToleration: Plugin = {
  name: 'TaintToleration',
  weight: 3,
  preFilter({ pod }) {
    const { tolerations } = pod.spec
    return {
      check(node) {
        for (const taint of node.taints)
          if (taint.effect !== 'PreferNoSchedule' && !tolerates(tolerations, taint)) return failureOf(taint)
        return undefined
      },
    }
  },
  preScore({ pod }, snapshot) {
    if (snapshot.softTainted === 0) return undefined
    const tolerations = pod.spec.tolerations?.filter(({ effect }) => !effect || effect === 'PreferNoSchedule')
    return {
      score(node) {
        let count = 0
        for (const taint of node.taints)
          if (taint.effect === 'PreferNoSchedule' && !tolerates(tolerations, taint)) count++
        return count
      },
      normalize: invertToHundred,
    }
  },
  mayHelp(event, { pod }) {
    if (event.resource !== 'node') return false
    const repels = (taints: Taint[] | undefined) =>
      (taints ?? []).some((taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(pod.spec.tolerations, taint))
    return !repels(event.node.spec?.taints) && (!event.old || repels(event.old.spec?.taints))
  },
}
