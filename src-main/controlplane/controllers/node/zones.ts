import type { Node } from '#types/core/v1'

/** How a zone's nodes fare (kubernetes.io, "Nodes: Rate limits on eviction"). */
export type ZoneState = 'Normal' | 'PartialDisruption' | 'FullDisruption'

/** What happens to the NoExecute taints of a node that is not ready: they are added, left alone, or removed. */
export type Eviction = 'add' | 'keep' | 'remove'

/** Defaults of kube-controller-manager: unhealthy-zone-threshold and large-cluster-size-threshold. */
const UNHEALTHY = 0.55
const LARGE_CLUSTER = 50

/** Fewer than three lost nodes are never a disruption of a zone that has others. */
export function zoneState(ready: number, notReady: number): ZoneState {
  if (ready === 0 && notReady > 0) return 'FullDisruption'
  return notReady > 2 && notReady / (ready + notReady) >= UNHEALTHY ? 'PartialDisruption' : 'Normal'
}

/** Region and zone of a node; nodes without these labels are in one zone. */
export function zoneOf({ metadata: { labels = {} } }: Node): string {
  return `${labels['topology.kubernetes.io/region'] ?? ''}\0${labels['topology.kubernetes.io/zone'] ?? ''}`
}

/**
 * Whether a node that is not ready may cost its pods their place. When no node lives in any zone it is the network or this machine
 * that failed: nobody is evicted. In a small cluster a zone that lost most of its nodes keeps the pods that it has.
 *
 * @param lives of each node, whether it is ready and was heard of
 */
export function evictionOf(node: Node, all: readonly Node[], lives: (node: Node) => boolean): Eviction {
  const zone = zoneOf(node)
  let living = 0
  const here = { ready: 0, notReady: 0 }
  for (const other of all) {
    const alive = other.metadata.name !== node.metadata.name && lives(other)
    if (alive) living++
    if (zoneOf(other) === zone) here[alive ? 'ready' : 'notReady']++
  }
  if (living === 0) return 'remove'
  const partial = zoneState(here.ready, here.notReady) === 'PartialDisruption'
  return partial && all.length <= LARGE_CLUSTER ? 'keep' : 'add'
}
