import type { Pod, Taint } from '#types/core/v1'
import { byNode } from '../../../../src-kube/client/indexer.ts'
import { refs } from '../../../../src-kube/client/refs.ts'
import { isNotFound } from '../../../../src-kube/machinery/errors.ts'
import { objectKey } from '../../../../src-kube/machinery/meta.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  watching,
} from '../../../../src-kube/runtime/controller.ts'
import { equal } from '../equal.ts'
import { markDisrupted } from '../disruption.ts'
import { toleratedFor } from './taints.ts'

/** Deletes pods from nodes with NoExecute taints when they do not tolerate them, or when their `tolerationSeconds` are over. */
export function taintEvictionController(): AnyController {
  /** Pods that wait for their end, and when that is on the monotonic clock. */
  const doomed = new Map<string, { uid: string; since: number; taints: readonly Taint[] }>()
  /** By key, the uid of a pod that was deleted, though the informer may not tell yet: each is told of once. */
  const evicted = new Map<string, string>()
  return defineController<Pod>({
    name: 'taint-eviction-controller',
    for: refs.pods,
    watches: [
      watching(refs.nodes, (node, ctx, old) => {
        if (old && equal(noExecute(node.spec?.taints), noExecute(old.spec?.taints))) return []
        return ctx.informer(refs.pods).byIndex(byNode.name, node.metadata.name).map(objectKey)
      }),
    ],
    setup: (ctx) => ctx.informer(refs.pods).addIndex(byNode.name, byNode.of),
    async reconcile(ctx, pod, key) {
      const node = ctx.informer(refs.nodes).get(pod.spec.nodeName ?? '')
      const taints = noExecute(node?.spec?.taints)
      const going = pod.metadata.deletionTimestamp !== undefined
      const tolerated = toleratedFor(pod.spec.tolerations ?? [], taints)
      if (going || tolerated === Infinity) {
        if (doomed.delete(key) && !going)
          ctx.events.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${key}`)
        return done
      }
      const known = doomed.get(key)
      const since = known?.uid === pod.metadata.uid ? known.since : ctx.clock.monotonic()
      doomed.set(key, { uid: pod.metadata.uid, since, taints })
      const left = since + tolerated - ctx.clock.monotonic()
      if (left > 0) return requeueAfter(left)
      if (evicted.get(key) !== pod.metadata.uid) await evict(ctx, pod, key)
      evicted.set(key, pod.metadata.uid)
      doomed.delete(key)
      return done
    },
    async gone(_ctx, key) {
      doomed.delete(key)
      evicted.delete(key)
    },
  })
}

function noExecute(taints: readonly Taint[] | undefined): Taint[] {
  return (taints ?? []).filter((taint) => taint.effect === 'NoExecute')
}

async function evict(ctx: ControllerContext, pod: Pod, key: string): Promise<void> {
  const { name, namespace, uid } = pod.metadata
  ctx.events.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`)
  try {
    await markDisrupted(ctx, pod, 'DeletionByTaintManager', 'Taint manager: deleting due to NoExecute taint')
    await ctx.client.resource(refs.pods).delete(name, namespace, { preconditions: { uid } })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
