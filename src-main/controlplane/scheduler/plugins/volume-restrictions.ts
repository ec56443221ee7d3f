import type { Failure, Plugin } from '../framework/plugin.ts'
import type { PodInfo } from '../framework/pod-info.ts'
import type { Lookups } from '../framework/snapshot.ts'

const failure: Failure = {
  reasons: ['node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode'],
}

/** The claims of a pod that one pod at a time may use; most pods have none, and cost nothing. */
function exclusiveClaims({ pod, namespace }: PodInfo, { claim }: Lookups): ReadonlySet<string> | undefined {
  let found: Set<string> | undefined
  for (const { persistentVolumeClaim } of pod.spec.volumes ?? []) {
    if (!persistentVolumeClaim) continue
    const { claimName } = persistentVolumeClaim
    const modes = claim(`${namespace}/${claimName}`)?.spec.accessModes
    if (modes?.includes('ReadWriteOncePod')) found = (found ?? new Set<string>()).add(claimName)
  }
  return found
}

const mounts = ({ pod }: PodInfo, claims: ReadonlySet<string>): boolean =>
  pod.spec.volumes?.some(({ persistentVolumeClaim: own }) => own && claims.has(own.claimName)) ?? false

/** A claim with the access mode ReadWriteOncePod is one pod's, on whatever node (kubernetes.io, "Persistent Volumes: Access Modes"). */
export const volumeRestrictions: Plugin = {
  name: 'VolumeRestrictions',
  preFilter(pod, { lookups, nodes }) {
    const exclusive = exclusiveClaims(pod, lookups)
    if (!exclusive) return undefined
    const uses = (other: PodInfo) =>
      other.namespace === pod.namespace && other.uid !== pod.uid && mounts(other, exclusive)
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
