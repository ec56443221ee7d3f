import type { Node } from '#types/core/v1'
import type { AdmissionPlugin } from '../admission.ts'

const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' } as const

/** A new node gets no pods before it has said that it is ready (kubernetes.io, "Taint Nodes by Condition"). */
export function nodeTaint(): AdmissionPlugin {
  return {
    name: 'TaintNodesByCondition',
    resources: ['nodes'],
    handles: ({ operation, descriptor, subresource }) =>
      operation === 'CREATE' && descriptor.kind === 'Node' && subresource === '',
    admit({ object }) {
      const { spec } = object as Node
      const present = (spec.taints ?? []).some(
        (taint) => taint.key === notReady.key && taint.effect === notReady.effect,
      )
      if (!present) spec.taints = [...(spec.taints ?? []), { ...notReady }]
    },
  }
}
