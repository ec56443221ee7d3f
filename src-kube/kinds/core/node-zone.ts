import type { Node } from '#types/core/v1'

/** The zone that a node says it is in; undefined for none, and for no node. */
export const zoneOf = (node: Node | undefined): string | undefined =>
  node?.metadata.labels?.['topology.kubernetes.io/zone']
