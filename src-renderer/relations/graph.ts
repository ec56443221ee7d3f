/** The objects around one object, or of a namespace, and what joins them. Pure. */
import { joinAll, type Joined, type Known, type MapEdge, type MapNode } from './join.ts'
import type { Role } from './rules.ts'

export interface RelationMap {
  nodes: MapNode[]
  edges: MapEdge[]
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
  const up = (id: string, isRoot: boolean, seen: Set<string>): void => {
    if (seen.has(id)) return
    seen.add(id)
    kept.add(id)
    for (const edge of joined.in.get(id) ?? []) {
      if (isRoot || !sharedRoles.has(edge.role)) up(edge.from, false, seen)
    }
  }
  down(root)
  const below = [...kept].filter((id) => id === root || !leaves.has(joined.nodes.get(id)?.view ?? ''))
  const seen = new Set<string>()
  for (const id of below) up(id, id === root, seen)
  return cut(joined, kept, root, most)
}

/** Kinds that many share. */
const leaves: ReadonlySet<string> = new Set([
  'configmaps',
  'secrets',
  'serviceaccounts',
  'persistentvolumeclaims',
  'persistentvolumes',
  'storageclasses.storage.k8s.io',
  'nodes',
])

/** What would join everything with everything. */
const common: ReadonlySet<string> = new Set(['nodes', 'storageclasses.storage.k8s.io'])

/** The whole of a namespace; objects that nothing joins are left out, and so is what all share. */
export function mapOf(known: Known, namespace: string | undefined, most = 12): RelationMap {
  const joined = joinAll(new Map([...known].filter(([view]) => !common.has(view))), namespace)
  const kept = new Set([...joined.nodes.keys()].filter((id) => joined.in.has(id) || joined.out.has(id)))
  return cut(joined, kept, undefined, most)
}

/** Has one node stand for those beyond `most` that are alike: of one kind, below the same nodes. */
function cut(joined: Joined, kept: ReadonlySet<string>, root: string | undefined, most: number): RelationMap {
  const standIns: MapNode[] = []
  /** By what is left out: what stands for it. */
  const instead = new Map<string, string>()
  for (const [likeness, ids] of alikeIn(joined, kept)) {
    if (ids.length <= most) continue
    const id = `more ${likeness}`
    const rest = ids.filter((one) => one !== root).slice(most - 1)
    for (const one of rest) instead.set(one, id)
    standIns.push({ id, view: joined.nodes.get(ids[0]!)!.view, key: '', object: undefined, more: rest.length })
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
    return `${joined.nodes.get(id)!.view} ${[...new Set(parents)].sort().join(' ')}`
  })
}
