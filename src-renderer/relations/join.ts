/** What joins objects: each is a node, each thing that one says of another an edge. Pure. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { namesIn, type Named, type Role } from './rules.ts'
import { podSelectorOf } from './selectors.ts'

/** An object on the map, or one that is only named by others. */
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
  /** Of those it stands for, the one that fares worst. */
  worst?: KubeObject
}

/** One object names or owns another; `from` and `to` are ids of nodes. */
export interface MapEdge {
  from: string
  to: string
  role: Role
}

/** Live objects by view, then by `namespace/name`; a view that is not there is not known (yet). */
export interface Known extends ReadonlyMap<string, ReadonlyMap<string, KubeObject>> {
  /** Whether a view that is there says nothing of a namespace: it was not asked for there, or refused. */
  isUnread?(view: string, namespace: string | undefined): boolean
}

/** A part of what is known, of which as little is unread. */
export const partOfKnown = (known: Known, part: Array<[string, ReadonlyMap<string, KubeObject>]>): Known =>
  Object.assign(new Map(part), known.isUnread ? { isUnread: known.isUnread } : {})

/** Id of a node; `key` is `namespace/name`, or the name. */
export const idOf = (view: string, key: string): string => `${view} ${key}`

const keyOf = ({ namespace, name }: { namespace?: string | undefined; name: string }): string =>
  namespace ? `${namespace}/${name}` : name

/** All objects of the map with their edges both ways, before it is cut down to what is shown. */
export interface Joined {
  /** By id. */
  nodes: Map<string, MapNode>
  /** By the node that they lead from. */
  out: Map<string, MapEdge[]>
  /** By the node that they lead to. */
  in: Map<string, MapEdge[]>
}

/** Owned by another object that tells of the same pods: what it uses is told there. */
const isControlled = ({ metadata }: KubeObject): boolean =>
  (metadata.ownerReferences ?? []).some((owner) => owner.controller === true)

/** A claim that a StatefulSet made for this pod alone: its template names none (kubernetes.io, "StatefulSets: Volume Claim Templates"). */
const isOwnClaim = ({ metadata }: KubeObject, { link }: Named): boolean =>
  link.view === 'persistentvolumeclaims' && link.name.endsWith(`-${metadata.name}`)

/** Joins all objects of a namespace, and those without one; all there are when it is undefined. `root` tells its own uses though it is controlled. */
export function joinAll(known: Known, namespace: string | undefined, root?: string): Joined {
  const joined: Joined = { nodes: new Map(), out: new Map(), in: new Map() }
  const within = (object: KubeObject): boolean =>
    namespace === undefined || object.metadata.namespace === undefined || object.metadata.namespace === namespace
  for (const [view, objects] of known) {
    for (const [key, object] of objects) {
      if (within(object)) joined.nodes.set(idOf(view, key), { id: idOf(view, key), view, key, object })
    }
  }
  const joinChosen = chooserIn(joined)
  // What is missing joins the nodes on the way.
  const present = [...joined.nodes.values()]
  for (const node of present) {
    const controlled = node.id !== root && isControlled(node.object!)
    for (const named of namesIn(node.view, node.object!)) {
      if (!controlled || named.role !== 'uses' || isOwnClaim(node.object!, named)) joinNamed(joined, known, node, named)
    }
    joinChosen(node)
  }
  return joined
}

/** Joins a node with what it names. */
function joinNamed(joined: Joined, known: Known, node: MapNode, { link, role, backward, optional }: Named): void {
  const key = keyOf(link)
  const id = idOf(link.view, key)
  if (!joined.nodes.has(id)) {
    // Only what is surely not there is told of; an owner that is gone is being collected.
    if (backward || optional || !known.has(link.view) || known.isUnread?.(link.view, link.namespace)) return
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

/** Joins a node with the pods that it chooses; those are kept by namespace and label pair, so that a selector looks at few. */
function chooserIn(joined: Joined): (node: MapNode) => void {
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
