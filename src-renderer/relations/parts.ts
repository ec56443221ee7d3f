import type { MapEdge, MapNode } from './join.ts'

interface Part {
  nodes: MapNode[]
  edges: MapEdge[]
}

/** The parts of a map that no edge joins to each other, the largest first. Pure. */
export function partsOf({ nodes, edges }: Readonly<Part>): Part[] {
  const part = new Map(nodes.map(({ id }) => [id, id]))
  const rootOf = (id: string): string => {
    let root = id
    while (part.get(root)! !== root) root = part.get(root)!
    part.set(id, root)
    return root
  }
  for (const { from, to } of edges) part.set(rootOf(from), rootOf(to))
  const edgesOf = Map.groupBy(edges, ({ from }) => rootOf(from))
  const parts = [...Map.groupBy(nodes, ({ id }) => rootOf(id))]
  return parts
    .map(([root, own]) => ({ nodes: own, edges: edgesOf.get(root) ?? [] }))
    .sort((a, b) => b.nodes.length - a.nodes.length)
}
