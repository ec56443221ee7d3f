/** Where the nodes of a map stand: columns from left to right along the edges, few crossings. Pure. */
import type { RelationMap } from './graph.ts'
import type { MapEdge, MapNode } from './join.ts'
import { partsOf } from './parts.ts'

/** Pixels. */
export interface Sizes {
  width: number
  height: number
  gapX: number
  gapY: number
  margin: number
}
/** For a page of its own. */
export const roomy: Sizes = { width: 208, height: 40, gapX: 56, gapY: 10, margin: 16 }
/** For the width of a detail. */
export const compact: Sizes = { width: 152, height: 40, gapX: 26, gapY: 8, margin: 12 }

/** A node and its upper left corner. */
export interface Placed {
  node: MapNode
  x: number
  y: number
}

/** Where everything of a map stands, in pixels from its upper left corner; paths are SVG's. */
export interface Layout {
  placed: Placed[]
  lines: Array<{ edge: MapEdge; path: string }>
  width: number
  height: number
}

/** Places nodes and draws edges as curves, `path` in SVG's words. Parts that nothing joins stand below each other, the largest first. */
export function layoutOf(map: RelationMap, sizes: Sizes = roomy): Layout {
  const placed: Placed[] = []
  let [width, height] = [0, sizes.margin]
  for (const part of partsOf(map)) {
    const columns = orderColumns(columnsOf(part.nodes, part.edges), part.edges)
    const tallest = Math.max(...columns.map((column) => column.length))
    const step = sizes.height + sizes.gapY
    for (const [at, column] of columns.entries()) {
      const above = height + ((tallest - column.length) * step) / 2
      for (const [row, node] of column.entries())
        placed.push({ node, x: sizes.margin + at * (sizes.width + sizes.gapX), y: above + row * step })
    }
    width = Math.max(width, columns.length * (sizes.width + sizes.gapX) - sizes.gapX + 2 * sizes.margin)
    height += tallest * step + sizes.margin
  }
  const byId = new Map(placed.map((one) => [one.node.id, one]))
  const lines = map.edges.flatMap((edge) => {
    const from = byId.get(edge.from)
    const to = byId.get(edge.to)
    return from && to ? [{ edge, path: curve(from, to, sizes) }] : []
  })
  return { placed, lines, width, height }
}

function curve(from: Placed, to: Placed, { width, height }: Sizes): string {
  const [x1, y1] = [from.x + width, from.y + height / 2]
  const [x2, y2] = [to.x, to.y + height / 2]
  const bend = Math.max(16, Math.abs(x2 - x1) / 2)
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`
}

/** Every node right of all that lead to it, then as near to what it leads to as it can be. */
function columnsOf(nodes: readonly MapNode[], edges: readonly MapEdge[]): MapNode[][] {
  const out = Map.groupBy(edges, (edge) => edge.from)
  const into = Map.groupBy(edges, (edge) => edge.to)
  const rank = new Map<string, number>()
  const rankOf = (id: string, path: ReadonlySet<string>): number => {
    const known = rank.get(id)
    if (known !== undefined) return known
    // A circle of owners is a mistake of the objects; it must not be ours.
    const before = (into.get(id) ?? []).filter((edge) => !path.has(edge.from))
    const found = Math.max(0, ...before.map((edge) => rankOf(edge.from, new Set(path).add(id)) + 1))
    rank.set(id, found)
    return found
  }
  for (const { id } of nodes) rankOf(id, new Set([id]))
  const fromRight = [...nodes].sort((a, b) => rank.get(b.id)! - rank.get(a.id)!)
  for (const { id } of fromRight) {
    const nearest = Math.min(...(out.get(id) ?? []).map((edge) => rank.get(edge.to)!)) - 1
    if (Number.isFinite(nearest) && nearest > rank.get(id)!) rank.set(id, nearest)
  }
  const columns: MapNode[][] = []
  for (const node of nodes) (columns[rank.get(node.id)!] ??= []).push(node)
  return columns.filter((column) => column !== undefined)
}

/** How often columns are sorted by the middle of their neighbours, to and fro. */
const passes = 4

function orderColumns(columns: MapNode[][], edges: readonly MapEdge[]): MapNode[][] {
  const neighbours = new Map<string, string[]>()
  const add = (a: string, b: string): void => void (neighbours.get(a)?.push(b) ?? neighbours.set(a, [b]))
  for (const { from, to } of edges) {
    add(from, to)
    add(to, from)
  }
  let sorted = columns.map((column) => [...column].sort((a, b) => (a.id < b.id ? -1 : 1)))
  for (let pass = 0; pass < passes; pass++) {
    const height = new Map(sorted.flatMap((column) => column.map(({ id }, row) => [id, row / column.length] as const)))
    sorted = sorted.map((column) => {
      const middle = new Map(
        column.map(({ id }) => {
          const near = (neighbours.get(id) ?? []).map((one) => height.get(one) ?? 0)
          return [id, near.length === 0 ? 1 : near.reduce((sum, one) => sum + one, 0) / near.length]
        }),
      )
      const next = column.toSorted((a, b) => middle.get(a.id)! - middle.get(b.id)! || (a.id < b.id ? -1 : 1))
      for (const [row, { id }] of next.entries()) height.set(id, row / next.length)
      return next
    })
  }
  return sorted
}
