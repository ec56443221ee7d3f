import type { Pod } from '#types/core/v1'
import { FakeTransport } from '../../../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../../../src-kube/client/typed-client.ts'
import { SchedulerCache } from '../cache.ts'
import { SchedulingCycle } from '../framework/cycle.ts'
import { checkNode, prepareFilters } from '../framework/filtering.ts'
import { podInfoOf } from '../framework/pod-info.ts'
import type { PostFilterResult } from '../framework/plugin.ts'
import { scoreNodes } from '../framework/scoring.ts'
import type { Lookups } from '../framework/snapshot.ts'
import { defaultPlugins } from '../plugins/index.ts'
import { node, type NodeShape } from './arrange.ts'

export const plugins = defaultPlugins(createClient(new FakeTransport()))

/** The nodes of a cluster and the pods that run on them, by node; what plugins look up beside them is absent unless given. */
export function cluster(
  nodes: Record<string, NodeShape>,
  running: Array<[string, Pod]> = [],
  lookups: Partial<Lookups> = {},
): SchedulerCache {
  const cache = new SchedulerCache({
    namespaceLabels: () => undefined,
    claim: () => undefined,
    volume: () => undefined,
    volumesOfClass: () => [],
    storageClass: () => undefined,
    csiDriver: () => undefined,
    storageCapacities: () => [],
    csiNode: () => undefined,
    attachments: () => [],
    resourceClaim: () => undefined,
    resourceClaims: () => [],
    claimsRevision: () => 0,
    resourceSlices: () => [],
    deviceClass: () => undefined,
    classOfResource: () => undefined,
    budgets: () => [],
    owningSelectors: () => [],
    ...lookups,
  })
  for (const [name, shape] of Object.entries(nodes)) cache.setNode(node(name, shape))
  for (const [name, one] of running) cache.setPod(podInfoOf(one), name)
  return cache
}

/** Why each node refuses the pod; null where it would do. */
export function refusals(cache: SchedulerCache, one: Pod): unknown {
  const prepared = prepareFilters(plugins, podInfoOf(one), cache)
  if ('rejected' in prepared) return prepared.rejected
  return cache.nodes.map((info) => checkNode(prepared.filters, info)?.reasons.join('; ') ?? null)
}

/** The weighted scores of one plugin in the order of the nodes; undefined when it has no opinion. */
export function scores(cache: SchedulerCache, one: Pod, plugin: string): readonly number[] | undefined {
  return scoreNodes(plugins, podInfoOf(one), cache, cache.nodes).byPlugin[plugin]
}

/** What preemption would do for a pod that fits nowhere. */
export function preempt(cache: SchedulerCache, one: Pod): { node?: string; victims?: string[]; message?: string } {
  const pod = podInfoOf(one)
  const options = { plugins, snapshot: cache, nominated: () => [], nominatedNode: () => undefined, random: () => 0 }
  const outcome = new SchedulingCycle(options).run(pod)
  if (outcome.kind === 'placed') throw new Error(`the pod fits on ${outcome.nodeName}`)
  const plugin = plugins.find(({ name }) => name === 'DefaultPreemption')!
  const { nominatedNodeName, victims, message }: PostFilterResult = plugin.postFilter!(pod, outcome, cache)!
  if (!nominatedNodeName) return { message: message!.replace('preemption: ', '') }
  return { node: nominatedNodeName, victims: victims!.map((victim) => victim.pod.metadata.name) }
}
