import type { Node } from '#types/core/v1'
import { zoneOf } from '../../../../src-kube/kinds/core/node-zone.ts'
import { milliValue } from '../../../../src-kube/machinery/quantity.ts'

/** Nodes of these roles take no traffic that counts. */
const excluded = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master']

/** What of a node decides on the shares of the zones; undefined when the node does not count. */
export interface NodeShare {
  /** Empty when the node says nothing of it. */
  readonly zone: string
  /** Thousandths of a CPU; 0 when nothing is said of it. */
  readonly cpu: number
}

/** What a node adds to its zone; undefined for one that takes no part: a control plane, or a node that is not ready. */
export function shareOf(node: Node): NodeShare | undefined {
  const { metadata, status } = node
  if (excluded.some((label) => metadata.labels?.[label] !== undefined)) return undefined
  if (!status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True')) return undefined
  return { zone: zoneOf(node) ?? '', cpu: milliValue(status.allocatable?.['cpu'] ?? '0') }
}

/**
 * The part of the cluster's CPU that each zone has (KEP-2433, "Automatic topology"); undefined when a node does not say enough, or there
 * is one zone only.
 */
export function zoneShares(nodes: readonly Node[]): ReadonlyMap<string, number> | undefined {
  const cpus = new Map<string, number>()
  let total = 0
  for (const node of nodes) {
    const share = shareOf(node)
    if (!share) continue
    if (!share.zone || share.cpu === 0) return undefined
    cpus.set(share.zone, (cpus.get(share.zone) ?? 0) + share.cpu)
    total += share.cpu
  }
  if (cpus.size < 2) return undefined
  return new Map([...cpus].map(([zone, cpu]) => [zone, cpu / total]))
}
