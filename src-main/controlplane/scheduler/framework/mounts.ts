import type { PodInfo } from './pod-info.ts'

/** A claim that a pod mounts. */
export interface Mount {
  readonly claim: string
  /** Whether the claim is made for this pod alone (kubernetes.io, "Ephemeral Volumes"). */
  readonly ephemeral: boolean
}

/** The claims a pod mounts, in the pod's namespace; ephemeral volumes' included. */
export function claimsOf({ pod }: PodInfo): Mount[] {
  return (pod.spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }): Mount[] => {
    if (persistentVolumeClaim) return [{ claim: persistentVolumeClaim.claimName, ephemeral: false }]
    return ephemeral ? [{ claim: `${pod.metadata.name}-${name}`, ephemeral: true }] : []
  })
}
