import type { Node, NodeCondition } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import type { ControllerContext } from '../../../../src-kube/runtime/controller.ts'

/** Conditions that a silent node no longer vouches for. */
const judged = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']

/** The condition by which a node says, or is said, to be of use. */
export function readyOf(node: Node | undefined): NodeCondition | undefined {
  return node?.status?.conditions?.find((condition) => condition.type === 'Ready')
}

/** Whether it says that it can run pods; a silent one does not. */
export function isReady(node: Node | undefined): boolean {
  return readyOf(node)?.status === 'True'
}

/** Whether the node has been silent for too long. */
export function isUnknown(node: Node | undefined): boolean {
  return readyOf(node)?.status === 'Unknown'
}

/** Writes that nobody knows how a silent node is; the node as it is then. */
export async function markUnknown(ctx: ControllerContext, node: Node): Promise<Node> {
  if (isUnknown(node)) return node
  const time = formatTime(ctx.clock.now())
  const unknown = (type: string, old: NodeCondition | undefined): NodeCondition => {
    if (old?.status === 'Unknown') return old
    return {
      type,
      status: 'Unknown',
      reason: old ? 'NodeStatusUnknown' : 'NodeStatusNeverUpdated',
      message: old ? 'Kubelet stopped posting node status.' : 'Kubelet never posted node status.',
      lastHeartbeatTime: old?.lastHeartbeatTime ?? node.metadata.creationTimestamp,
      lastTransitionTime: time,
    }
  }
  const posted = node.status?.conditions ?? []
  const never = judged.filter((type) => !posted.some((condition) => condition.type === type))
  const conditions = [
    ...posted.map((condition) => (judged.includes(condition.type) ? unknown(condition.type, condition) : condition)),
    ...never.map((type) => unknown(type, undefined)),
  ]
  const status = { ...node.status, conditions }
  return ctx.client.resource(refs.nodes).updateStatus({ ...node, status })
}
