import type { Node, Pod } from '#types/core/v1'
import { byNode } from '../../../src-kube/client/indexer.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import { isNotFound } from '../../../src-kube/machinery/errors.ts'
import { objectKey } from '../../../src-kube/machinery/meta.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  watching,
} from '../../../src-kube/runtime/controller.ts'
import { deleteSeen } from '../../../src-kube/runtime/delete-seen.ts'
import { markDisrupted } from './disruption.ts'
import { isPodTerminal } from './pods.ts'

/** Milliseconds that a node must have been gone before its pods are. */
const QUARANTINE = 40_000
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service'
const endedIndex = { name: 'ended', of: (pod: Pod) => (isPodTerminal(pod) ? ['yes'] : []) }

/**
 * Removes pods nobody else will ("Garbage collection of Pods"): those on nodes that are gone, those deleted before they were
 * scheduled, those that end on nodes out of service, and the oldest of more than `threshold` that have ended.
 */
export function podGarbageCollector(threshold = 12_500): AnyController {
  /** Pods on vanished nodes, and since when. */
  const orphans = new Map<string, number>()
  return defineController<Pod>({
    name: 'pod-garbage-collector-controller',
    component: 'pod-garbage-collector',
    for: refs.pods,
    concerns(pod, ctx) {
      const { deletionTimestamp } = pod.metadata
      if (deletionTimestamp !== undefined || isPodTerminal(pod) || orphans.has(objectKey(pod))) return true
      return pod.spec.nodeName !== undefined && !ctx.informer(refs.nodes).get(pod.spec.nodeName)
    },
    watches: [
      watching(refs.nodes, (node, ctx) => {
        if (ctx.informer(refs.nodes).get(node.metadata.name) && !isOutOfService(node)) return []
        return ctx.informer(refs.pods).byIndex(byNode.name, node.metadata.name).map(objectKey)
      }),
    ],
    setup(ctx) {
      ctx.informer(refs.pods).addIndex(byNode.name, byNode.of)
      ctx.informer(refs.pods).addIndex(endedIndex.name, endedIndex.of)
    },
    async reconcile(ctx, pod, key) {
      if (pod.metadata.deletionTimestamp && !pod.spec.nodeName) return removeFailed(ctx, pod)
      if (isPodTerminal(pod)) await trim(ctx, threshold)
      const node = pod.spec.nodeName ? ctx.informer(refs.nodes).get(pod.spec.nodeName) : undefined
      if (!pod.spec.nodeName || node) {
        orphans.delete(key)
        if (!node || !pod.metadata.deletionTimestamp || !isOutOfService(node)) return done
        return removeFailed(ctx, pod)
      }
      const since = orphans.get(key) ?? ctx.clock.monotonic()
      orphans.set(key, since)
      const left = since + QUARANTINE - ctx.clock.monotonic()
      if (left > 0) return requeueAfter(left)
      if (await nodeExists(ctx, pod.spec.nodeName)) return done
      const phase = isPodTerminal(pod) ? {} : { phase: 'Failed' as const }
      await markDisrupted(ctx, pod, 'DeletionByPodGC', 'PodGC: node no longer exists', phase)
      return remove(ctx, pod)
    },
    async gone(_ctx, key) {
      orphans.delete(key)
    },
  })
}

/** Somebody has said that the node is shut down and will not end its pods (KEP-2268); a node that is ready still does. */
function isOutOfService({ spec, status }: Node): boolean {
  const ready = status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false
  return !ready && (spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE) ?? false)
}

async function nodeExists(ctx: ControllerContext, name: string): Promise<boolean> {
  try {
    await ctx.client.resource(refs.nodes).get(name)
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}

/** Holders of finalizers wait for the pod to end, and nobody else will say that it has. */
async function removeFailed(ctx: ControllerContext, pod: Pod) {
  const failed = { ...pod, status: { ...pod.status, phase: 'Failed' as const } }
  if (!isPodTerminal(pod)) await ctx.client.resource(refs.pods).updateStatus(failed)
  return remove(ctx, pod)
}

async function remove(ctx: ControllerContext, pod: Pod) {
  await deleteSeen(ctx.client, refs.pods, pod, { gracePeriodSeconds: 0 })
  return done
}

/** Evicted pods go before all others: they tell least. */
const evicted = ({ status }: Pod): number => (status?.reason === 'Evicted' ? 1 : 0)

async function trim(ctx: ControllerContext, threshold: number): Promise<void> {
  const ended = ctx.informer(refs.pods).byIndex(endedIndex.name, 'yes')
  if (ended.length <= threshold) return
  const created = ({ metadata }: Pod) => metadata.creationTimestamp ?? ''
  const oldest = ended.toSorted((a, b) => evicted(b) - evicted(a) || (created(a) < created(b) ? -1 : 1))
  for (const pod of oldest.slice(0, ended.length - threshold)) await remove(ctx, pod)
}
