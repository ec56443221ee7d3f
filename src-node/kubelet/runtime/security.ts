import type { HostConfig } from 'dockerode'
import type { Container, Pod, SeccompProfile } from '#types/core/v1'
import { ContainerConfigError } from '../plan/config-error.ts'
import { idsOf } from '../plan/identity.ts'

/** All that `Privileged` gives where it is refused for want of CAP_SYS_RESOURCE. */
const everything: HostConfig = {
  CapAdd: ['ALL'],
  CapDrop: ['SYS_RESOURCE'],
  SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
  DeviceCgroupRules: ['a *:* rwm'],
}

/** What a container's security context is carried out with. */
export interface SecurityFacts {
  /** Whether the engine grants `Privileged`. */
  privileged: boolean
  /** Groups of its processes besides their user's own. */
  groups: readonly number[]
  /** The text of the `Localhost` seccomp profile that the container asks for. */
  seccomp?: string | undefined
  /** Whether a container that says nothing runs under the engine's own profile (kubernetes.io, "Restrict a Container's Syscalls with seccomp"). */
  seccompDefault?: boolean | undefined
}

/** The seccomp profile that holds for a container: its own before its pod's. */
export const seccompOf = (pod: Pod, container: Container): SeccompProfile | undefined =>
  container.securityContext?.seccompProfile ?? pod.spec.securityContext?.seccompProfile

/** What a container may do (kubernetes.io, "Configure a Security Context for a Pod or Container"). Pure. */
export function securityOptions(pod: Pod, container: Container, facts: SecurityFacts): HostConfig {
  const own = container.securityContext
  const shared = pod.spec.securityContext
  const common: HostConfig = {
    ReadonlyRootfs: own?.readOnlyRootFilesystem ?? false,
    GroupAdd: facts.groups.map(String),
    ...(own?.procMount === 'Unmasked' ? { MaskedPaths: [], ReadonlyPaths: [] } : {}),
  }
  if (own?.privileged) return { ...common, ...(facts.privileged ? { Privileged: true } : everything) }
  return {
    ...common,
    CapAdd: capabilities(own?.capabilities?.add),
    CapDrop: capabilities(own?.capabilities?.drop),
    SecurityOpt: [
      ...seccompOption(seccompOf(pod, container), facts),
      ...appArmorOption(own?.appArmorProfile ?? shared?.appArmorProfile),
      ...(own?.allowPrivilegeEscalation === false ? ['no-new-privileges'] : []),
    ],
  }
}

const capabilities = (names: string[] | undefined): string[] => (names ?? []).map((name) => name.replace(/^CAP_/i, ''))

/** Without a word from the pod there is no filter, as long as the kubelet's `seccompDefault` is off. */
function seccompOption(
  profile: SeccompProfile | undefined,
  { seccomp: text, seccompDefault }: SecurityFacts,
): string[] {
  if (profile?.type === 'RuntimeDefault' || (!profile && seccompDefault)) return []
  if (profile?.type === 'Localhost' && text !== undefined) return [`seccomp=${text}`]
  return ['seccomp=unconfined']
}

function appArmorOption(profile: { type: string; localhostProfile?: string | undefined } | undefined): string[] {
  if (profile?.type === 'Unconfined') return ['apparmor=unconfined']
  return profile?.type === 'Localhost' && profile.localhostProfile ? [`apparmor=${profile.localhostProfile}`] : []
}

/** Throws `ContainerConfigError` in upstream's words when a container that must not be root is or may be. */
export function checkNonRoot(pod: Pod, container: Container, imageUser: string): void {
  const { runAsUser, runAsNonRoot } = idsOf(pod, container)
  if (!runAsNonRoot) return
  const { name, namespace, uid } = pod.metadata
  const where = `(pod: "${name}_${namespace}(${uid})", container: ${container.name})`
  if (runAsUser === 0) throw new ContainerConfigError(`container's runAsUser breaks non-root policy ${where}`)
  if (runAsUser !== undefined) return
  const user = imageUser.split(':')[0]!
  if (user === '' || /^0+$/.test(user)) {
    throw new ContainerConfigError(`container has runAsNonRoot and image will run as root ${where}`)
  }
  if (!/^\d+$/.test(user)) {
    throw new ContainerConfigError(
      `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root ${where}`,
    )
  }
}
