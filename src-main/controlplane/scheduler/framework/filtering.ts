import type { NodeInfo } from './node-info.ts'
import { isRejection, type Failure, type NodeFilter, type Plugin } from './plugin.ts'
import type { PodInfo } from './pod-info.ts'
import type { Snapshot } from './snapshot.ts'

/** A filter that has something to say about the pod of this cycle. */
export interface ActiveFilter {
  readonly plugin: Plugin
  readonly filter: NodeFilter
}

/** A node that does not do, and by whom. */
export interface NodeFailure extends Failure {
  readonly plugin: Plugin
}

/** PreFilter's outcome: what will be asked of every node, or that no node does. */
export type Prepared =
  | { readonly filters: readonly ActiveFilter[] }
  | { readonly plugin: Plugin; readonly rejected: string }

/** Asks every plugin for its filter; the first that refuses the pod on all nodes ends it. */
export function prepareFilters(plugins: readonly Plugin[], pod: PodInfo, snapshot: Snapshot): Prepared {
  const filters: ActiveFilter[] = []
  for (const plugin of plugins) {
    const filter = plugin.preFilter?.(pod, snapshot)
    if (!filter) continue
    if (isRejection(filter)) return { plugin, rejected: filter.rejected }
    filters.push({ plugin, filter })
  }
  return { filters }
}

const excluded = new WeakMap<Plugin, NodeFailure>()

/** Asks filters in order; the first failure decides. */
export function checkNode(filters: readonly ActiveFilter[], node: NodeInfo): NodeFailure | undefined {
  for (const { plugin, filter } of filters) {
    if (filter.only && !filter.only.has(node.name)) return exclude(plugin)
    const failure = filter.check(node)
    if (failure) return byPlugin(failure, plugin)
  }
  return undefined
}

function exclude(plugin: Plugin): NodeFailure {
  let failure = excluded.get(plugin)
  const reasons = [`node(s) didn't satisfy plugin(s) [${plugin.name}]`]
  if (!failure) excluded.set(plugin, (failure = { reasons, unresolvable: true, plugin }))
  return failure
}

const attributed = new WeakMap<Failure, NodeFailure>()

function byPlugin(failure: Failure, plugin: Plugin): NodeFailure {
  let known = attributed.get(failure)
  if (!known) attributed.set(failure, (known = { ...failure, plugin }))
  return known
}

/**
 * As {@link checkNode}, on a node for which pods of equal or higher priority are nominated: the node must do with them there, and also
 * without, since they may end elsewhere.
 */
export function checkWithNominated(
  filters: readonly ActiveFilter[],
  node: NodeInfo,
  nominated: readonly PodInfo[],
): NodeFailure | undefined {
  for (const pod of nominated) addTo(filters, node, pod)
  try {
    const failure = checkNode(filters, node)
    if (failure) return failure
  } finally {
    for (const pod of nominated) removeFrom(filters, node, pod)
  }
  return checkNode(filters, node)
}

/** Lets filters and node count one more pod. */
export function addTo(filters: readonly ActiveFilter[], node: NodeInfo, pod: PodInfo): void {
  node.addPod(pod)
  for (const { filter } of filters) filter.add?.(pod, node)
}

/** The inverse of {@link addTo}. */
export function removeFrom(filters: readonly ActiveFilter[], node: NodeInfo, pod: PodInfo): void {
  node.removePod(pod.uid)
  for (const { filter } of filters) filter.remove?.(pod, node)
}
