import type { Container, VolumeMountStatus } from '#types/core/v1'

/**
 * What a status says of a container's mounts: a read-only one is so with what is mounted in it, or not (KEP-3857). The engine can make any
 * so, and what is to be so `IfPossible` is. Pure.
 */
export function mountStatuses({ volumeMounts = [] }: Container): { volumeMounts?: VolumeMountStatus[] } {
  const told = volumeMounts.map(({ name, mountPath, readOnly, recursiveReadOnly = 'Disabled' }): VolumeMountStatus => ({
    name,
    mountPath,
    ...(readOnly ? { readOnly, recursiveReadOnly: recursiveReadOnly === 'Disabled' ? 'Disabled' : 'Enabled' } : {}),
  }))
  return told.length > 0 ? { volumeMounts: told } : {}
}
