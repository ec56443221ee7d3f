/** The objects around one object, and what joins them. Pure. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { namesIn, type Named, type Role } from './rules.ts'
import { podSelectorOf } from './selectors.ts'

export interface MapNode {
  /** `view key`. */
  id: string
  view: string
  /** `namespace/name`, or the name. */
  key: string
  /** Undefined when something names it and it is not there. */
  object: KubeObject | undefined
  /** How many of its kind beside it are left out; such a node stands for them. */
  more?: number
}

export interface MapEdge {
  from: string
  to: string
  role: Role
}

export interface RelationMap {
  nodes: MapNode[]
  edges: MapEdge[]
}

/** Live objects by view, then by `namespace/name`; a view that is not there is not known (yet). */
export type Known = ReadonlyMap<string, ReadonlyMap<string, KubeObject>>

export const idOf = (view: string, key: string): string => `${view} ${key}`

const keyOf = ({ namespace, name }: { namespace?: string | undefined; name: string }): string =>
  namespace ? `${namespace}/${name}` : name

interface Joined {
  nodes: Map<string, MapNode>
  out: Map<string, MapEdge[]>
  in: Map<string, MapEdge[]>
}

/** Owned by another object that tells of the same pods: what it uses is told there. */
const isControlled = ({ metadata }: KubeObject): boolean =>
  (metadata.ownerReferences ?? []).some((owner) => owner.controller === true)

/** Joins all objects of a namespace, and those without one; of everything when there is no namespace. `root` tells its own uses though it is controlled. */
export function joinAll(known: Known, namespace: string | undefined, root?: string): Joined {
  const joined: Joined = { nodes: new Map(), out: new Map(), in: new Map() }
  const within = (object: KubeObject): boolean =>
    namespace === undefined || object.metadata.namespace === undefined || object.metadata.namespace === namespace
  for (const [view, objects] of known) {
    for (const [key, object] of objects) {
      if (within(object)) joined.nodes.set(idOf(view, key), { id: idOf(view, key), view, key, object })
    }
  }
  const choose = choosers(joined)
  // What is missing joins the nodes on the way.
  const present = [...joined.nodes.values()]
  for (const node of present) {
    const controlled = node.id !== root && isControlled(node.object!)
    for (const named of namesIn(node.view, node.object!)) {
      if (!(controlled && named.role === 'uses')) name(joined, known, node, named)
    }
    choose(node)
  }
  return joined
}

function name(joined: Joined, known: Known, node: MapNode, { link, role, backward, optional }: Named): void {
  const key = keyOf(link)
  const id = idOf(link.view, key)
  if (!joined.nodes.has(id)) {
    // Only what is surely not there is told of; an owner that is gone is being collected.
    if (backward || optional || !known.has(link.view)) return
    joined.nodes.set(id, { id, view: link.view, key, object: undefined })
  }
  connect(joined, backward ? { from: id, to: node.id, role } : { from: node.id, to: id, role })
}

function connect(joined: Joined, edge: MapEdge): void {
  for (const [side, id] of [
    [joined.out, edge.from],
    [joined.in, edge.to],
  ] as const) {
    const edges = side.get(id)
    if (edges) edges.push(edge)
    else side.set(id, [edge])
  }
}

/** Pods by namespace and label pair, so that a selector looks at few. */
function choosers(joined: Joined): (node: MapNode) => void {
  const byPair = new Map<string, MapNode[]>()
  const add = (at: string, pod: MapNode): void => void (byPair.get(at)?.push(pod) ?? byPair.set(at, [pod]))
  for (const pod of joined.nodes.values()) {
    if (pod.view !== 'pods') continue
    const { namespace, labels = {} } = pod.object!.metadata
    add(`${namespace}`, pod)
    for (const [key, value] of Object.entries(labels)) add(`${namespace} ${key}=${value}`, pod)
  }
  return (node) => {
    const selector = podSelectorOf(node.view, node.object!)
    if (!selector) return
    const { namespace } = node.object!.metadata
    const candidates = byPair.get(selector.pair ? `${namespace} ${selector.pair.join('=')}` : `${namespace}`) ?? []
    for (const pod of candidates) {
      if (selector.matches(pod.object!.metadata.labels ?? {}))
        connect(joined, { from: node.id, to: pod.id, role: 'selects' })
    }
  }
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

/** Leaves out what stands beside many alike: same kind, same parents, same children. */
function cut(joined: Joined, kept: ReadonlySet<string>, root: string | undefined, most: number): RelationMap {
  const edges = [...kept].flatMap((id) => (joined.out.get(id) ?? []).filter((edge) => kept.has(edge.to)))
  const alike = new Map<string, string[]>()
  for (const id of kept) {
    const parents = (joined.in.get(id) ?? []).filter((e) => kept.has(e.from)).map((e) => e.from)
    const at = `${joined.nodes.get(id)!.view} ${[...new Set(parents)].sort().join(' ')}`
    const group = alike.get(at)
    if (group) group.push(id)
    else alike.set(at, [id])
  }
  const dropped = new Map<string, string>()
  const extra: MapNode[] = []
  for (const [at, ids] of alike) {
    if (ids.length <= most) continue
    const id = `more ${at}`
    const rest = ids.filter((one) => one !== root).slice(most - 1)
    for (const one of rest) dropped.set(one, id)
    extra.push({ id, view: joined.nodes.get(ids[0]!)!.view, key: '', object: undefined, more: rest.length })
  }
  const seen = new Set<string>()
  const drawn = edges.flatMap((edge) => {
    const one = { ...edge, from: dropped.get(edge.from) ?? edge.from, to: dropped.get(edge.to) ?? edge.to }
    const key = `${one.from} → ${one.to}`
    if (one.from === one.to || seen.has(key)) return []
    seen.add(key)
    return [one]
  })
  const nodes = [...kept].filter((id) => !dropped.has(id)).map((id) => joined.nodes.get(id)!)
  return { nodes: [...nodes, ...extra], edges: drawn }
}
