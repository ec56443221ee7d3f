import type { Container } from '#types/core/v1'
import { ContainerConfigError } from '../plan/config-error.ts'

/** A device of the node that a container sees, as the engine is asked for it. */
export interface Device {
  PathOnHost: string
  PathInContainer: string
  CgroupPermissions: string
}

/**
 * The volumes without a file system that a container sees as devices (kubernetes.io, "Persistent Volumes: Raw Block Volume Support"), by
 * their paths on the node. Throws `ContainerConfigError`. Pure.
 */
export function containerDevices(
  { name: container, volumeDevices = [] }: Container,
  volumes: ReadonlyMap<string, string>,
): Device[] {
  return volumeDevices.map(({ name, devicePath }) => {
    const path = volumes.get(name)
    if (path === undefined)
      throw new ContainerConfigError(`cannot find volume "${name}" to pass into container "${container}"`)
    return { PathOnHost: path, PathInContainer: devicePath, CgroupPermissions: 'mrw' }
  })
}
