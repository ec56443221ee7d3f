import type { Client } from '../../../../src-kube/client/typed-client.ts'
import type { Plugin } from '../framework/plugin.ts'
import { defaultBinder } from './default-binder.ts'
import { nodeAffinity } from './node-affinity.ts'
import { defaultPreemption } from './default-preemption.ts'
import { dynamicResources } from './dynamic-resources.ts'
import { imageLocality } from './image-locality.ts'
import { interPodAffinity } from './inter-pod-affinity.ts'
import { nodeName } from './node-name.ts'
import { nodePorts } from './node-ports.ts'
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.ts'
import { nodeResourcesFit } from './node-resources-fit.ts'
import { nodeUnschedulable } from './node-unschedulable.ts'
import { nodeVolumeLimits } from './node-volume-limits.ts'
import { podTopologySpread } from './pod-topology-spread.ts'
import { prioritySort } from './priority-sort.ts'
import { schedulingGates } from './scheduling-gates.ts'
import { taintToleration } from './taint-toleration.ts'
import { volumeBinding } from './volume-binding.ts'
import { volumeRestrictions } from './volume-restrictions.ts'
import { volumeZone } from './volume-zone.ts'

/** Every plugin, in the order in which filters run and reasons are found; to add one, write its file and a line here. */
export function defaultPlugins(client: Client): readonly Plugin[] {
  return [
    schedulingGates,
    prioritySort,
    nodeUnschedulable,
    nodeName,
    taintToleration,
    nodeAffinity,
    nodePorts,
    nodeResourcesFit,
    volumeRestrictions,
    nodeVolumeLimits,
    volumeBinding(client),
    volumeZone,
    podTopologySpread,
    interPodAffinity,
    dynamicResources(client),
    nodeResourcesBalancedAllocation,
    imageLocality,
    defaultPreemption,
    defaultBinder(client),
  ]
}
