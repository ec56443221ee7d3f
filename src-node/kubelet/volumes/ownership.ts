import { stat } from 'node:fs/promises'
import type { Pod } from '#types/core/v1'
import type { VolumeHost } from './volumes.ts'

/** Owner, group and directories' own group bit of what a pod may change. */
const WANTED = 0o2070

/**
 * Gives what lies in a volume to the pod's `fsGroup`, to change it (kubernetes.io, "Configure a Security Context for a Pod or
 * Container: Set the security context for a Pod"). With the policy `OnRootMismatch` a volume whose root is as wanted is left alone.
 */
export async function giveToGroup(host: VolumeHost, pod: Pod, directory: string): Promise<void> {
  const { fsGroup, fsGroupChangePolicy } = pod.spec.securityContext ?? {}
  if (fsGroup === undefined) return
  if (fsGroupChangePolicy === 'OnRootMismatch') {
    const { gid, mode } = await stat(directory)
    if (gid === fsGroup && (mode & WANTED) === WANTED) return
  }
  await host.run('chown', ['-R', `:${fsGroup}`, directory])
  await host.run('chmod', ['-R', 'g+rwX', directory])
  await host.run('find', [directory, '-type', 'd', '-exec', 'chmod', 'g+s', '{}', '+'])
}

/** The user that all containers of a pod are set to run as; undefined when they differ or one does not say. */
export function commonUser({ spec }: Pod): number | undefined {
  const users = [...spec.containers, ...(spec.initContainers ?? [])].map(
    ({ securityContext }) => securityContext?.runAsUser ?? spec.securityContext?.runAsUser,
  )
  return users.every((user) => user === users[0]) ? users[0] : undefined
}
