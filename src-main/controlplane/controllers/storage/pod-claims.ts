import type { Pod } from '#types/core/v1'

/** Names of the claims that a pod mounts, those made for it alone included. */
export function claimsOf({ spec, metadata }: Pod): string[] {
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) =>
    persistentVolumeClaim ? [persistentVolumeClaim.claimName] : ephemeral ? [`${metadata.name}-${name}`] : [],
  )
}
