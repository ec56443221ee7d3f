import type { Pod } from '#types/core/v1'
import { answering, serveSocket } from '../plugins/rpc/server.ts'
import { getAllocatable, getPod, listPods } from './messages.ts'
import { allocatable, type DeviceFacts, resourcesOf } from './plan.ts'

/** Where monitors ask, and what they are told. */
export interface PodResourcesOptions {
  /** `/var/lib/kubelet/pod-resources/kubelet.sock`. */
  path: string
  /** Those that take something of the node. */
  pods(): readonly Pod[]
  facts(): DeviceFacts
}

/** Tells whoever may open the socket which pods have which devices (kubernetes.io, "Device Plugins: Monitoring device plugin resources"). */
export const servePodResources = ({ path, pods, facts }: PodResourcesOptions): Promise<{ stop(): void }> =>
  serveSocket(path, [
    answering(listPods, () => ({ pods: pods().map((pod) => resourcesOf(pod, facts())) })),
    answering(getAllocatable, () => ({ devices: allocatable(facts()) })),
    answering(getPod, ({ name, namespace }) => {
      const found = pods().find(({ metadata }) => metadata.name === name && metadata.namespace === namespace)
      if (!found) throw new Error(`pod ${name} in namespace ${namespace} not found`)
      return { pod: resourcesOf(found, facts()) }
    }),
  ])
