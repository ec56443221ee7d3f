import type { Failure, Plugin } from '../framework/plugin.ts'
import type { PodInfo } from '../framework/pod-info.ts'
import type { Lookups } from '../framework/snapshot.ts'

const failure: Failure = {
  reasons: ['node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode'],
}

function claimsOf({ pod }: PodInfo): string[] {
  return (pod.spec.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => (claim ? [claim.claimName] : []))
}

/** The claims of a pod that one pod at a time may use. */
function exclusiveClaims(pod: PodInfo, { claim }: Lookups): Set<string> {
  const isExclusive = (name: string) =>
    claim(`${pod.namespace}/${name}`)?.spec.accessModes?.includes('ReadWriteOncePod') ?? false
  return new Set(claimsOf(pod).filter(isExclusive))
}

/** A claim with the access mode ReadWriteOncePod is one pod's, on whatever node (kubernetes.io, "Persistent Volumes: Access Modes"). */
export const volumeRestrictions: Plugin = {
  name: 'VolumeRestrictions',
  preFilter(pod, { lookups, nodes }) {
    if (!pod.pod.spec.volumes) return undefined
    const exclusive = exclusiveClaims(pod, lookups)
    if (exclusive.size === 0) return undefined
    const uses = (other: PodInfo) =>
      other.namespace === pod.namespace && other.uid !== pod.uid && claimsOf(other).some((name) => exclusive.has(name))
    let users = 0
    for (const node of nodes) for (const other of node.pods.values()) if (uses(other)) users++
    return {
      check: () => (users > 0 ? failure : undefined),
      add(other) {
        if (uses(other)) users++
      },
      remove(other) {
        if (uses(other)) users--
      },
    }
  },
  mayHelp: (event) => event.resource === 'volume' || (event.resource === 'pod' && event.action === 'delete'),
}
