import { classOf } from '../../../../src-kube/kinds/storage/matching.ts'
import { claimsOf } from '../framework/mounts.ts'
import type { NodeInfo } from '../framework/node-info.ts'
import type { Failure, Plugin } from '../framework/plugin.ts'
import type { PodInfo } from '../framework/pod-info.ts'
import type { Lookups } from '../framework/snapshot.ts'

const failure: Failure = { reasons: ['node(s) exceed max volume count'] }

/** CSI drivers by what is unique of each volume: one that many pods of a node use is attached once. */
type Volumes = Map<string, string>

/** Volumes of a pod; one that is still to be made counts for the provisioner of its class. */
function collect(pod: PodInfo, lookups: Lookups, into: Volumes): void {
  for (const { claim: name } of claimsOf(pod)) {
    const key = `${pod.namespace}/${name}`
    const claim = lookups.claim(key)
    if (!claim) continue
    const source = claim.spec.volumeName ? lookups.volume(claim.spec.volumeName)?.spec.csi : undefined
    if (source) into.set(`${source.driver}/${source.volumeHandle}`, source.driver)
    else if (!claim.spec.volumeName) {
      const provisioner = lookups.storageClass(classOf(claim))?.provisioner
      if (provisioner) into.set(`${provisioner}/claim ${key}`, provisioner)
    }
  }
}

function attachedTo(node: NodeInfo, lookups: Lookups): Volumes {
  const attached: Volumes = new Map()
  for (const pod of node.pods.values()) if (pod.pod.spec.volumes) collect(pod, lookups, attached)
  for (const { spec } of lookups.attachments(node.name)) {
    const source = lookups.volume(spec.source.persistentVolumeName ?? '')?.spec.csi
    if (source) attached.set(`${source.driver}/${source.volumeHandle}`, spec.attacher)
  }
  return attached
}

/** How many volumes of each driver a node takes; undefined when none is limited. */
function limitsOf(node: NodeInfo, lookups: Lookups): ReadonlyMap<string, number> | undefined {
  let limits: Map<string, number> | undefined
  for (const { name, allocatable } of lookups.csiNode(node.name)?.spec.drivers ?? [])
    if (allocatable?.count !== undefined) limits = (limits ?? new Map<string, number>()).set(name, allocatable.count)
  return limits
}

function exceeds(wanted: Volumes, node: NodeInfo, lookups: Lookups): boolean {
  const limits = limitsOf(node, lookups)
  if (!limits) return false
  const drivers = new Set([...wanted.values()].filter((driver) => limits.has(driver)))
  if (drivers.size === 0) return false
  const attached = attachedTo(node, lookups)
  for (const driver of drivers) {
    let count = 0
    for (const of of attached.values()) if (of === driver) count++
    let more = 0
    for (const [volume, of] of wanted) if (of === driver && !attached.has(volume)) more++
    if (more > 0 && count + more > limits.get(driver)!) return true
  }
  return false
}

/** A node takes no more volumes of a CSI driver than its CSINode allows (kubernetes.io, "Node-specific Volume Limits"). */
export const nodeVolumeLimits: Plugin = {
  name: 'NodeVolumeLimits',
  preFilter(pod, { lookups }) {
    if (!pod.pod.spec.volumes) return undefined
    const wanted: Volumes = new Map()
    collect(pod, lookups, wanted)
    if (wanted.size === 0) return undefined
    return { check: (node) => (exceeds(wanted, node, lookups) ? failure : undefined) }
  },
  mayHelp: (event) => event.resource === 'volume' || (event.resource === 'pod' && event.action === 'delete'),
}
