import type { Node } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { type AnyController, defineController, done } from '../../../../src-kube/runtime/controller.ts'

const ANNOTATION = 'node.alpha.kubernetes.io/ttl'

/** By number of nodes, how many seconds a kubelet may trust what it has read; steps overlap, so that none is taken to and fro. */
const steps = [
  { least: 0, most: 100, ttl: 0 },
  { least: 90, most: 500, ttl: 15 },
  { least: 450, most: 1000, ttl: 30 },
  { least: 900, most: 2000, ttl: 60 },
  { least: 1800, most: Infinity, ttl: 300 },
] as const

/** The step for so many nodes, coming from another. Pure. */
export function stepFor(count: number, from: number): number {
  const { least, most } = steps[from] ?? steps[0]
  if (count > most) return stepFor(count, from + 1)
  return count < least ? stepFor(count, from - 1) : from
}

/**
 * Tells kubelets how long they may keep secrets and config maps without asking again ("Well-Known Labels, Annotations and Taints:
 * node.alpha.kubernetes.io/ttl"): the longer, the more nodes ask. Nodes hear of a new step when something else of them changes.
 */
export function ttlController(): AnyController {
  let step = 0
  return defineController<Node>({
    name: 'ttl-controller',
    for: refs.nodes,
    async reconcile(ctx, { metadata: { name, annotations, deletionTimestamp } }) {
      step = stepFor(ctx.informer(refs.nodes).list().length, step)
      const ttl = String(steps[step]!.ttl)
      if (annotations?.[ANNOTATION] === ttl || deletionTimestamp) return done
      const body = { metadata: { annotations: { [ANNOTATION]: ttl } } }
      await ctx.client.resource(refs.nodes).patch({ name, type: 'application/strategic-merge-patch+json', body })
      return done
    },
  })
}
