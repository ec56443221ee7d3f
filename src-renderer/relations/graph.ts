/** The objects around one object, or of a namespace, and what joins them. Pure. */
import { joinAll, partOfKnown, type Joined, type Known, type MapEdge, type MapNode } from './join.ts'
import { partsOf } from './parts.ts'
import { shared, type Role } from './rules.ts'

/** Objects and how they belong together; every edge's ends are among the nodes. */
export interface RelationMap {
  nodes: MapNode[]
  edges: MapEdge[]
}

/** How a map of a namespace is kept within what can be drawn and read. */
export interface MapLimits {
  /** Nodes at most; beyond them more objects stand behind one node, then whole parts are left out. */
  nodes?: number
  /** Only parts of which some name has this. */
  words?: string
  /** The lower, the sooner an object is drawn when not all of its kind are; equal ones keep their order. */
  rank?(node: MapNode): number
}

/** A map, and how many objects are left out of it altogether. */
export interface LimitedMap extends RelationMap {
  left: number
}

/** Edges that are not followed upwards from something found on the way: the other users of a node or a ConfigMap are not this object's affair. */
const sharedRoles: ReadonlySet<Role> = new Set(['uses', 'runs', 'binds'])

/** What an object leads to, and what leads to that; nodes of one kind beside each other are cut to `most`. */
export function mapAround(known: Known, root: string, namespace: string | undefined, most = 12): RelationMap {
  const joined = joinAll(known, namespace, root)
  if (!joined.nodes.has(root)) return { nodes: [], edges: [] }
  const kept = new Set<string>()
  const down = (id: string): void => {
    if (kept.has(id)) return
    kept.add(id)
    for (const edge of joined.out.get(id) ?? []) down(edge.to)
  }
  const seen = new Set<string>()
  const up = (id: string): void => {
    if (seen.has(id)) return
    seen.add(id)
    kept.add(id)
    for (const edge of joined.in.get(id) ?? []) {
      if (id === root || !sharedRoles.has(edge.role)) up(edge.from)
    }
  }
  down(root)
  const below = [...kept].filter((id) => id === root || !leaves.has(joined.nodes.get(id)?.view ?? ''))
  for (const id of below) up(id)
  return cut(joined, kept, { most, root, first: true })
}

/** No way goes on beyond them. */
const leaves: ReadonlySet<string> = new Set(shared)

/** What would join everything with everything. */
const common: ReadonlySet<string> = new Set(['nodes', 'storageclasses.storage.k8s.io'])

/** How many nodes of one kind stand beside each other, tried in turn until a map is small enough. */
const alikes = [12, 5, 2]

/** The whole of a namespace; objects that nothing joins are left out, and so is what all share. */
export function mapOf(known: Known, namespace: string | undefined, limits: MapLimits = {}): LimitedMap {
  const { nodes: most = Infinity, words = '', rank } = limits
  const joined = joinAll(
    partOfKnown(
      known,
      [...known].filter(([view]) => !common.has(view)),
    ),
    namespace,
  )
  const kept = new Set([...joined.nodes.keys()].filter((id) => joined.in.has(id) || joined.out.has(id)))
  const wanted = words === '' ? kept : withWords(joined, kept, words.toLowerCase())
  let map: RelationMap = { nodes: [], edges: [] }
  for (const alike of alikes) {
    map = cut(joined, wanted, { most: alike, first: false, ...(rank ? { rank } : {}) })
    if (map.nodes.length <= most) return { ...map, left: 0 }
  }
  return largest(map, most)
}

/** What is joined, however far, to something whose name has these words. */
function withWords(joined: Joined, kept: ReadonlySet<string>, words: string): Set<string> {
  const edges = [...kept].flatMap((id) => joined.out.get(id) ?? []).filter(({ to }) => kept.has(to))
  const parts = partsOf({ nodes: Array.from(kept, (id) => joined.nodes.get(id)!), edges })
  const found = parts.filter(({ nodes }) => nodes.some(({ key }) => key.toLowerCase().includes(words)))
  return new Set(found.flatMap(({ nodes }) => nodes.map(({ id }) => id)))
}

/** As many whole parts as there is room for, the large ones first; one too large by itself is cut. */
function largest(map: RelationMap, most: number): LimitedMap {
  const nodes: MapNode[] = []
  for (const part of partsOf(map)) {
    if (nodes.length === 0) nodes.push(...part.nodes.slice(0, most))
    else if (nodes.length + part.nodes.length <= most) nodes.push(...part.nodes)
  }
  const ids = new Set(nodes.map(({ id }) => id))
  const left = map.nodes.filter(({ id }) => !ids.has(id)).reduce((sum, { more = 1 }) => sum + more, 0)
  return { nodes, edges: map.edges.filter(({ from, to }) => ids.has(from) && ids.has(to)), left }
}

interface Cut {
  /** Nodes beside each other at most. */
  most: number
  /** Always drawn. */
  root?: string
  /** Also where nothing leads to them: on the map of a namespace these are what one looks for. */
  first: boolean
  rank?: MapLimits['rank']
}

/** Has one node stand for those beyond `most` that are alike: of one kind, below the same nodes; those of the lowest rank are drawn. */
function cut(joined: Joined, kept: ReadonlySet<string>, { most, root, first, rank }: Cut): RelationMap {
  const standIns: MapNode[] = []
  /** By what is left out: what stands for it. */
  const instead = new Map<string, string>()
  for (const [likeness, ids] of alikeIn(joined, kept)) {
    if (ids.length <= most || (!first && !likeness.includes(' '))) continue
    const id = `more ${likeness}`
    const others = ids.filter((one) => one !== root).map((one) => joined.nodes.get(one)!)
    if (rank) {
      const ranks = new Map(others.map((one) => [one.id, rank(one)]))
      others.sort((a, b) => ranks.get(a.id)! - ranks.get(b.id)!)
    }
    const rest = others.slice(most - 1)
    for (const one of rest) instead.set(one.id, id)
    const worst = rest[0]!.object
    standIns.push({
      id,
      view: others[0]!.view,
      key: '',
      object: undefined,
      more: rest.length,
      ...(worst ? { worst } : {}),
    })
  }
  const drawn = new Map<string, MapEdge>()
  for (const edge of [...kept].flatMap((id) => joined.out.get(id) ?? [])) {
    if (!kept.has(edge.to)) continue
    const [from, to] = [instead.get(edge.from) ?? edge.from, instead.get(edge.to) ?? edge.to]
    const ends = `${from} → ${to}`
    if (from !== to && !drawn.has(ends)) drawn.set(ends, { ...edge, from, to })
  }
  const shown = [...kept].filter((id) => !instead.has(id)).map((id) => joined.nodes.get(id)!)
  return { nodes: [...shown, ...standIns], edges: [...drawn.values()] }
}

/** Ids by kind and by what leads to them. */
function alikeIn(joined: Joined, kept: ReadonlySet<string>): Map<string, string[]> {
  return Map.groupBy(kept, (id) => {
    const parents = (joined.in.get(id) ?? []).filter(({ from }) => kept.has(from)).map(({ from }) => from)
    return [joined.nodes.get(id)!.view, ...[...new Set(parents)].sort()].join(' ')
  })
}
