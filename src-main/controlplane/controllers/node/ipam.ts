import type { Node } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { numberToIp, rangeOf } from '../../../../src-kube/machinery/ipv4.ts'
import { type AnyController, defineController, done, requeueAfter } from '../../../../src-kube/runtime/controller.ts'

/** Addresses of a node: a /24. */
const NODE_SIZE = 256

/** Gives every node a /24 of the cluster's pod range (`10.244.0.0/16`), the lowest free one; a /24 returns when its node is deleted. */
export function nodeIpamController(clusterCidr: string): AnyController {
  const { base, count } = parseRange(clusterCidr)
  /** Index of a /24 → node that holds it, or shall. */
  const taken = new Map<number, string>()
  const learn = (node: Node) => {
    const index = indexOf(node, base)
    if (index !== undefined) taken.set(index, node.metadata.name)
  }
  return defineController<Node>({
    name: 'node-ipam-controller',
    component: 'cidrAllocator',
    workers: 1,
    for: refs.nodes,
    setup(ctx) {
      ctx.informer(refs.nodes).on({
        add: learn,
        update: learn,
        delete: ({ metadata }) => {
          for (const [index, name] of taken) if (name === metadata.name) taken.delete(index)
        },
      })
    },
    async reconcile(ctx, node) {
      if (node.spec?.podCIDR || node.metadata.deletionTimestamp) return done
      const { name } = node.metadata
      const index = [...taken].find(([, holder]) => holder === name)?.[0] ?? firstFree(taken, count)
      if (index === undefined) {
        ctx.events.event(node, 'Normal', 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`)
        return requeueAfter(30_000)
      }
      taken.set(index, name)
      const podCIDR = `${numberToIp(base + index * NODE_SIZE)}/24`
      const type = 'application/strategic-merge-patch+json'
      await ctx.client.resource(refs.nodes).patch({ name, type, body: { spec: { podCIDR, podCIDRs: [podCIDR] } } })
      return done
    },
  })
}

function firstFree(taken: ReadonlyMap<number, string>, count: number): number | undefined {
  for (let index = 0; index < count; index++) if (!taken.has(index)) return index
  return undefined
}

function parseRange(cidr: string): { base: number; count: number } {
  const range = rangeOf(cidr)
  const count = range ? (range[1] - range[0] + 1) / NODE_SIZE : 0
  if (!range || count < 1 || count > 2 ** 16)
    throw new Error(`expected a cluster CIDR such as 10.244.0.0/16, got ${JSON.stringify(cidr)}`)
  return { base: range[0], count }
}

function indexOf(node: Node, base: number): number | undefined {
  if (!node.spec?.podCIDR) return undefined
  const { base: own } = parseRange(node.spec.podCIDR)
  return (own - base) / NODE_SIZE
}
