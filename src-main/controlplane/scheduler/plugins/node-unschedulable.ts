import type { Taint } from '#types/core/v1'
import type { Failure, Plugin } from '../framework/plugin.ts'
import { tolerates } from '../../../../src-kube/machinery/tolerations.ts'

const failure: Failure = { reasons: ['node(s) were unschedulable'], unresolvable: true }
const cordon: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

/** Keeps pods off cordoned nodes, unless they tolerate the taint that a cordon sets. */
export const nodeUnschedulable: Plugin = {
  name: 'NodeUnschedulable',
  preFilter(pod) {
    if (tolerates(pod.pod.spec.tolerations, cordon)) return undefined
    return { check: (node) => (node.isUnschedulable ? failure : undefined) }
  },
  mayHelp: (event) =>
    event.resource === 'node' && !event.node.spec?.unschedulable && (!event.old || !!event.old.spec?.unschedulable),
}
