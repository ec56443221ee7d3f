import type { DaemonSet } from '#types/apps/v1'
import type { Node, Pod } from '#types/core/v1'
import { resolveIntOrPercent } from '../int-or-percent.ts'
import { isPodAvailable, isPodTerminal } from '../pods.ts'
import { fitsDaemon, nodeOf } from './node-pods.ts'
import { isUpToDate } from './revision.ts'

/** A daemon set, its pods, and the nodes it may run on. */
export interface Situation {
  owner: DaemonSet
  pods: readonly Pod[]
  nodes: readonly Node[]
  /** Hash of the template as it is now. */
  hash: string
}

/** What is to be done for a set now, by names of nodes. */
export interface DaemonPlan {
  /** Nodes that lack their pod, or are to get a new one beside the old. */
  create: string[]
  /** Pods that are too many, ended, misplaced or out of date. */
  remove: Pod[]
}

/** Pods of one node that live: at most one is wanted, or an old and a new one while a surge lasts. */
interface Place {
  node: string
  old: Pod | undefined
  fresh: Pod | undefined
}

/** What a daemon set needs next ("Perform a Rolling Update on a DaemonSet", KEP-1591 for `maxSurge`). Pure. */
export function planDaemons(situation: Situation, now: number): DaemonPlan {
  const { owner, pods, nodes } = situation
  const isAvailable = (pod: Pod | undefined) =>
    pod !== undefined && isPodAvailable(pod, owner.spec.minReadySeconds ?? 0, now)
  const byNode = Map.groupBy(pods, nodeOf)
  const plan: DaemonPlan = { create: [], remove: [] }
  const places: Place[] = []
  const surges = surgeOf(owner, nodes.length) > 0
  for (const node of nodes) {
    const here = (byNode.get(node.metadata.name) ?? []).toSorted((a, b) => age(a) - age(b))
    const { shouldRun, mayStay } = fitsDaemon(owner.spec.template.spec, node)
    const alive = here.filter((pod) => !pod.metadata.deletionTimestamp)
    const living = alive.filter((pod) => !isPodTerminal(pod))
    const place = placeOf(node.metadata.name, living, (pod) => isUpToDate(situation, pod), surges)
    const kept = mayStay ? keep(place, isAvailable) : []
    plan.remove.push(...alive.filter((pod) => !kept.includes(pod)))
    if (!shouldRun) continue
    const left = { node: node.metadata.name, old: keptOf(place.old, kept), fresh: keptOf(place.fresh, kept) }
    places.push(left)
    if (here.length === 0) plan.create.push(node.metadata.name)
  }
  plan.remove.push(...stranded(byNode, nodes))
  if (owner.spec.updateStrategy?.type === 'OnDelete') return plan
  const more = surges ? surge(owner, places, isAvailable, byNode) : replace(owner, places, isAvailable, now)
  return { create: [...plan.create, ...more.create], remove: [...plan.remove, ...more.remove] }
}

const age = ({ metadata }: Pod) => Date.parse(metadata.creationTimestamp ?? '') || 0
const keptOf = (pod: Pod | undefined, kept: readonly Pod[]) => (pod && kept.includes(pod) ? pod : undefined)

/** The oldest pod of a node, or the oldest of each template while both may stand. */
function placeOf(node: string, living: readonly Pod[], isFresh: (pod: Pod) => boolean, surges: boolean): Place {
  const [first] = living
  if (!surges)
    return { node, ...(first && isFresh(first) ? { fresh: first, old: undefined } : { old: first, fresh: undefined }) }
  return { node, old: living.find((pod) => !isFresh(pod)), fresh: living.find(isFresh) }
}

/** Of an old and a new pod the old one stays until the new one is available, unless it is of no use itself. */
function keep({ old, fresh }: Place, isAvailable: (pod: Pod | undefined) => boolean): Pod[] {
  if (!old || !fresh) return [old, fresh].filter((pod) => pod !== undefined)
  return isAvailable(fresh) || !isAvailable(old) ? [fresh] : [old, fresh]
}

/** Meant for a node that is gone, they would wait for ever; those that ran there are the pod garbage collector's. */
function stranded(byNode: ReadonlyMap<string, Pod[]>, nodes: readonly Node[]): Pod[] {
  const known = new Set(nodes.map(({ metadata }) => metadata.name))
  return [...byNode]
    .filter(([node]) => !known.has(node))
    .flatMap(([, pods]) => pods.filter(({ spec, metadata }) => !spec.nodeName && !metadata.deletionTimestamp))
}

function surgeOf({ spec }: DaemonSet, wanted: number): number {
  const { type, rollingUpdate } = spec.updateStrategy ?? {}
  return type === 'OnDelete' ? 0 : resolveIntOrPercent(rollingUpdate?.maxSurge ?? 0, wanted, 'up')
}

/** Removes old pods within `maxUnavailable`; those of no use go at once. */
function replace(
  { spec }: DaemonSet,
  places: readonly Place[],
  isAvailable: (pod: Pod | undefined) => boolean,
  now: number,
): DaemonPlan {
  const allowed = resolveIntOrPercent(spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, places.length, 'up')
  const limit = Math.max(1, allowed)
  const unavailable = places.filter(({ old, fresh }) => !isAvailable(old ?? fresh)).length
  const outdated = places.flatMap(({ old }) => (old ? [old] : []))
  const dead = outdated.filter((pod) => !isPodAvailable(pod, 0, now))
  const living = outdated.filter((pod) => isPodAvailable(pod, 0, now))
  return { create: [], remove: [...dead, ...living.slice(0, Math.max(0, limit - unavailable))] }
}

/** Puts new pods beside old ones within `maxSurge`; where the old one is of no use, at once. */
function surge(
  owner: DaemonSet,
  places: readonly Place[],
  isAvailable: (pod: Pod | undefined) => boolean,
  byNode: ReadonlyMap<string, Pod[]>,
): DaemonPlan {
  const room = surgeOf(owner, places.length) - places.filter(({ old, fresh }) => old && fresh).length
  // A pod that is going still holds its node's ports; a third would not help.
  const isFull = (node: string) => (byNode.get(node) ?? []).length > 1
  const outdated = places.filter(({ old, fresh, node }) => old && !fresh && !isFull(node))
  const useless = outdated.filter(({ old }) => !isAvailable(old))
  const candidates = outdated.filter(({ old }) => isAvailable(old)).slice(0, Math.max(0, room))
  return { create: [...useless, ...candidates].map(({ node }) => node), remove: [] }
}
