import type { ContainerCreateOptions, HostConfig } from 'dockerode'
import type { Container, Pod } from '#types/core/v1'
import { expand } from '../plan/expand.ts'
import { type Identity, type ImageUser, type OfVolumes, type ResolvedUser, resolveUser } from '../plan/identity.ts'
import { containerHash, containerName, containerLabels, podLabels, shimGroup } from '../plan/naming.ts'
import type { Device } from './devices.ts'
import type { Grants } from './create-container.ts'
import type { Mount } from './mounts.ts'
import { oomScore, resourceOptions } from './resources.ts'
import { annotations } from './sandbox-options.ts'
import { securityOptions } from './security.ts'

/** All that is known of a container when it is made, besides what its pod says. */
export interface ContainerFacts extends ImageUser, OfVolumes {
  attempt: number
  /** The pod's control group. */
  group: string
  sandboxId: string
  sandboxAttempt: number
  env: ReadonlyMap<string, string>
  mounts: readonly Mount[]
  /** Of the image, as its registry knows it. */
  imageDigest?: string | undefined
  /** Volumes that it sees as devices. */
  devices?: readonly Device[]
  /** What its devices' plugins tell the runtime. */
  annotations?: Readonly<Record<string, string>> | undefined
  /** The text of the `Localhost` seccomp profile that the container asks for. */
  seccomp: string | undefined
  /** Whether it runs under the engine's own profile when it says nothing. */
  seccompDefault?: boolean | undefined
  /** The node's memory in bytes. */
  memoryCapacity: number
  /** Which of the engine's runtimes; undefined for the usual one. */
  runtime?: string | undefined
  /** Id of the container whose processes an ephemeral container is to see (`targetContainerName`). */
  targetId?: string | undefined
}

/** Where and when a container leaves its last words, for whoever finds it after it ended. */
export const termination = {
  path: 'io.kubernetes.container.terminationMessagePath',
  policy: 'io.kubernetes.container.terminationMessagePolicy',
} as const

/** What the engine is asked to create for a container of a pod, within what it grants. Pure. */
export function containerOptions(
  pod: Pod,
  container: Container,
  facts: ContainerFacts,
  grants: Grants,
): ContainerCreateOptions {
  const expanded = (words: string[]): string[] => words.map((word) => expand(word, (name) => facts.env.get(name)))
  const resolved = resolveUser(pod, container, facts)
  const { user } = resolved
  return {
    name: containerName(pod, container.name, facts.attempt),
    Image: container.image ?? '',
    Labels: { ...labelsOf(pod, container, facts), ...userLabel(resolved.identity) },
    Env: [...facts.env].map(([name, value]) => `${name}=${value}`),
    ...(container.command?.length ? { Entrypoint: expanded(container.command) } : {}),
    ...(container.args?.length ? { Cmd: expanded(container.args) } : {}),
    ...(container.workingDir ? { WorkingDir: container.workingDir } : {}),
    ...(user ? { User: user } : {}),
    Tty: container.tty ?? false,
    OpenStdin: container.stdin ?? false,
    StdinOnce: container.stdinOnce ?? false,
    Healthcheck: { Test: ['NONE'] },
    HostConfig: hostConfig(pod, container, { ...facts, groups: resolved.groups }, grants),
  }
}

function labelsOf(pod: Pod, container: Container, facts: ContainerFacts): Record<string, string> {
  const { imageDigest } = facts
  return {
    ...podLabels(pod, container.name, facts),
    [containerLabels.hash]: containerHash(container),
    [containerLabels.resources]: JSON.stringify(resourceOptions(container, pod.spec.resources)),
    ...(imageDigest ? { [containerLabels.imageDigest]: imageDigest } : {}),
    [termination.path]: container.terminationMessagePath ?? '/dev/termination-log',
    [termination.policy]: container.terminationMessagePolicy ?? 'File',
  }
}

const userLabel = (identity: Identity | undefined): Record<string, string> =>
  identity ? { [containerLabels.user]: JSON.stringify(identity) } : {}

type HostFacts = ContainerFacts & Pick<ResolvedUser, 'groups'>

function hostConfig(pod: Pod, container: Container, facts: HostFacts, grants: Grants): HostConfig {
  const shared = `container:${facts.sandboxId}`
  const score = oomScore(pod, container, facts.memoryCapacity)
  return {
    ...annotations({ ...facts.annotations, ...shimGroup(pod, facts.sandboxAttempt) }),
    ...(facts.runtime ? { Runtime: facts.runtime } : {}),
    CgroupParent: facts.group,
    NetworkMode: shared,
    IpcMode: pod.spec.hostIPC ? 'host' : shared,
    ...processes(pod, facts),
    ...mountOptions(facts.mounts),
    ...(facts.devices?.length ? { Devices: [...facts.devices] } : {}),
    ...resourceOptions(container, pod.spec.resources),
    OomScoreAdj: grants.lowOomScore ? score : Math.max(0, score),
    ...securityOptions(pod, container, { ...grants, ...facts }),
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '5' } },
  }
}

/** Whose processes a container sees (kubernetes.io, "Share Process Namespace between Containers in a Pod"). */
function processes({ spec }: Pod, { sandboxId, targetId }: ContainerFacts): HostConfig {
  if (spec.hostPID) return { PidMode: 'host' }
  if (spec.shareProcessNamespace) return { PidMode: `container:${sandboxId}` }
  return targetId ? { PidMode: `container:${targetId}` } : {}
}

/**
 * Binds, for which the engine makes directories that are missing; mounts, where a bind cannot say it: a colon ends a bind's part, and its
 * read-only is in depth.
 */
function mountOptions(mounts: readonly Mount[]): HostConfig {
  const unsayable = ({ source, target, readOnly }: Mount): boolean => readOnly || `${source}${target}`.includes(':')
  return {
    Binds: mounts
      .filter((mount) => !unsayable(mount))
      .map(({ source, target, propagation }) => [source, target, ['rw', propagation ?? []].flat().join(',')].join(':')),
    Mounts: mounts.filter(unsayable).map((mount) => ({
      Type: 'bind',
      Source: mount.source,
      Target: mount.target,
      ReadOnly: mount.readOnly,
      ...bindOptions(mount),
    })),
  }
}

/**
 * The engine's own types do not know yet of read-only mounts in depth, which ask for private propagation, nor of others, in which what is
 * mounted stays as it is (kubernetes.io, "Volumes: Read-only mounts").
 */
function bindOptions({ readOnly, recursive, propagation }: Mount): Pick<MountSettings, 'BindOptions'> {
  if (recursive) return { BindOptions: { Propagation: 'rprivate', ReadOnlyForceRecursive: true } as BindOptions }
  const options = {
    ...(propagation ? { Propagation: propagation } : {}),
    ...(readOnly ? { ReadOnlyNonRecursive: true, CreateMountpoint: true } : {}),
  }
  return Object.keys(options).length > 0 ? { BindOptions: options as BindOptions } : {}
}

type MountSettings = NonNullable<HostConfig['Mounts']>[number]
type BindOptions = NonNullable<MountSettings['BindOptions']>
