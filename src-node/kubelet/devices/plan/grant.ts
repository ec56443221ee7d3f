import type { Device } from '../../runtime/devices.ts'
import type { Mount } from '../../runtime/mounts.ts'
import type { Read } from '../../plugins/rpc/message.ts'
import type { ContainerAnswer } from '../messages.ts'

/** What a container is given with its devices, besides what its pod says. */
export interface Grant {
  /** Variables that the container's own stand before. */
  env: Readonly<Record<string, string>>
  mounts: readonly Mount[]
  devices: readonly Device[]
  annotations: Readonly<Record<string, string>>
  /** Devices by their full names (`vendor.com/class=name`) that specifications on the node tell of (CDI). */
  cdiDevices: readonly string[]
}

type Answer = Read<typeof ContainerAnswer>

/** What several plugins want for one container: where two disagree, who was asked first is followed. Pure. */
export function grantOf(answers: readonly Answer[]): Grant {
  const merged = (of: (answer: Answer) => Record<string, string>): Record<string, string> =>
    Object.assign({}, ...answers.toReversed().map(of)) as Record<string, string>
  const mounts = answers.flatMap((answer) => answer.mounts)
  const devices = answers.flatMap((answer) => answer.devices)
  return {
    env: merged(({ envs }) => envs),
    annotations: merged(({ annotations }) => annotations),
    mounts: firstOf(mounts, ({ containerPath }) => containerPath).map(({ hostPath, containerPath, readOnly }) => ({
      source: hostPath,
      target: containerPath,
      readOnly,
    })),
    devices: firstOf(devices, ({ containerPath }) => containerPath).map(({ hostPath, containerPath, permissions }) => ({
      PathOnHost: hostPath,
      PathInContainer: containerPath || hostPath,
      CgroupPermissions: permissions || 'mrw',
    })),
    cdiDevices: [...new Set(answers.flatMap(({ cdiDevices }) => cdiDevices.map(({ name }) => name)))],
  }
}

/** Of those with one key the first. */
function firstOf<T>(all: readonly T[], key: (one: T) => string): T[] {
  const seen = new Set<string>()
  return all.filter((one) => !seen.has(key(one)) && seen.add(key(one)))
}
