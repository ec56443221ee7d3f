import type { Node, Pod } from '#types/core/v1'
import { byNode } from '../../../../src-kube/client/indexer.ts'
import { refs } from '../../../../src-kube/client/refs.ts'
import { isNotFound } from '../../../../src-kube/machinery/errors.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import type { ControllerContext } from '../../../../src-kube/runtime/controller.ts'
import { isPodReady } from '../pods.ts'

/**
 * Endpoints must not lead to pods of a lost node, so each is marked as not ready, once a loss: what the node's kubelet says of it after
 * that stands.
 */
export class PodMarks {
  /** Uids of marked pods, by node that is lost. */
  readonly #marked = new Map<string, Set<string>>()

  has(node: Node, pod: Pod): boolean {
    return this.#marked.get(node.metadata.name)?.has(pod.metadata.uid) ?? false
  }

  /** The node is back, or gone. */
  forget(node: string): void {
    this.#marked.delete(node)
  }

  async markPodsOf(ctx: ControllerContext, node: Node): Promise<void> {
    const marked = this.#marked.get(node.metadata.name) ?? new Set()
    this.#marked.set(node.metadata.name, marked)
    for (const pod of ctx.informer(refs.pods).byIndex(byNode.name, node.metadata.name)) {
      const { uid } = pod.metadata
      if (!isPodReady(pod) || marked.has(uid)) continue
      if (await markNotReady(ctx, pod)) marked.add(uid)
    }
  }
}

/** Whether the pod was still there to be marked. */
async function markNotReady(ctx: ControllerContext, pod: Pod): Promise<boolean> {
  const time = formatTime(ctx.clock.now())
  const conditions = (pod.status?.conditions ?? []).map((condition) =>
    condition.type === 'Ready' ? { ...condition, status: 'False' as const, lastTransitionTime: time } : condition,
  )
  try {
    await ctx.client.resource(refs.pods).updateStatus({ ...pod, status: { ...pod.status, conditions } })
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
  ctx.events.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready')
  return true
}
