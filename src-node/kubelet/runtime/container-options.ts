import type { ContainerCreateOptions, HostConfig } from 'dockerode'
import type { Container, Pod } from '#types/core/v1'
import { bytesValue, milliValue } from '../../../src-kube/machinery/quantity.ts'
import { containerHash, containerName, LABEL, podLabels, SANDBOX } from '../plan/naming.ts'
import { expand } from '../plan/environment.ts'

export interface ContainerFacts {
  attempt: number
  sandboxId: string
  env: ReadonlyMap<string, string>
  /** `source:target[:ro]` */
  binds: readonly string[]
  /** Whether the engine grants `Privileged`. */
  privileged: boolean
}

/** All that `Privileged` gives where it is refused for want of CAP_SYS_RESOURCE. */
const EVERYTHING = {
  CapAdd: ['ALL'],
  CapDrop: ['SYS_RESOURCE'],
  SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
  DeviceCgroupRules: ['a *:* rwm'],
}

/** What the engine is asked to create for a container of a pod. Pure. */
export function containerOptions(pod: Pod, container: Container, facts: ContainerFacts): ContainerCreateOptions {
  const security = { ...pod.spec.securityContext, ...container.securityContext }
  const expanded = (words: string[] | undefined): string[] | undefined => words?.map((word) => expand(word, facts.env))
  const user = userOf(security)
  return {
    name: containerName(pod, container.name, facts.attempt),
    Image: container.image ?? '',
    Labels: { ...podLabels(pod, container.name, facts.attempt), [LABEL.hash]: containerHash(container) },
    Env: [...facts.env].map(([name, value]) => `${name}=${value}`),
    ...(container.command?.length ? { Entrypoint: expanded(container.command)! } : {}),
    ...(container.args?.length ? { Cmd: expanded(container.args)! } : {}),
    ...(container.workingDir ? { WorkingDir: container.workingDir } : {}),
    ...(user ? { User: user } : {}),
    Tty: container.tty ?? false,
    OpenStdin: container.stdin ?? false,
    StdinOnce: container.stdinOnce ?? false,
    Healthcheck: { Test: ['NONE'] },
    HostConfig: hostConfig(pod, container, facts),
  }
}

function userOf(security: { runAsUser?: number | undefined; runAsGroup?: number | undefined }): string | undefined {
  if (security.runAsUser === undefined) return undefined
  return security.runAsGroup === undefined ? String(security.runAsUser) : `${security.runAsUser}:${security.runAsGroup}`
}

function hostConfig(pod: Pod, container: Container, facts: ContainerFacts): HostConfig {
  const shared = `container:${facts.sandboxId}`
  const { limits = {}, requests = {} } = container.resources ?? {}
  const cpu = limits['cpu'] ? milliValue(limits['cpu']) : 0
  const memory = limits['memory'] ? bytesValue(limits['memory']) : 0
  const security = container.securityContext
  const groups = [pod.spec.securityContext?.fsGroup, ...(pod.spec.securityContext?.supplementalGroups ?? [])].filter(
    (g) => g !== undefined,
  )
  return {
    NetworkMode: shared,
    IpcMode: shared,
    ...(pod.spec.hostPID ? { PidMode: 'host' } : pod.spec.shareProcessNamespace ? { PidMode: shared } : {}),
    Binds: [...facts.binds],
    CpuShares: Math.max(2, Math.floor((milliValue(requests['cpu'] ?? limits['cpu'] ?? '0') * 1024) / 1000)),
    ...(cpu > 0 ? { CpuPeriod: 100_000, CpuQuota: Math.max(1000, cpu * 100) } : {}),
    ...(memory > 0 ? { Memory: memory, MemorySwap: memory } : {}),
    ReadonlyRootfs: security?.readOnlyRootFilesystem ?? false,
    GroupAdd: groups.map(String),
    ...rights(security, pod.spec.securityContext?.seccompProfile, facts.privileged),
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '5' } },
  }
}

type Seccomp = NonNullable<Pod['spec']['securityContext']>['seccompProfile']

function rights(security: Container['securityContext'], podProfile: Seccomp, privileged: boolean): HostConfig {
  if (security?.privileged) return privileged ? { Privileged: true } : EVERYTHING
  const names = (list: string[] | undefined): string[] => (list ?? []).map((name) => name.replace(/^CAP_/, ''))
  const profile = security?.seccompProfile ?? podProfile
  const options = [
    ...(profile?.type === 'RuntimeDefault' || profile?.type === 'Localhost' ? [] : ['seccomp=unconfined']),
    ...(security?.allowPrivilegeEscalation === false ? ['no-new-privileges'] : []),
  ]
  return {
    CapAdd: names(security?.capabilities?.add),
    CapDrop: names(security?.capabilities?.drop),
    SecurityOpt: options,
  }
}

/** The sandbox: a process that does nothing but hold the pod's namespaces. */
export function sandboxOptions(pod: Pod, image: string, attempt: number): ContainerCreateOptions {
  const { spec, metadata } = pod
  const hostNetwork = spec.hostNetwork ?? false
  const sysctls = Object.fromEntries((spec.securityContext?.sysctls ?? []).map(({ name, value }) => [name, value]))
  return {
    name: containerName(pod, SANDBOX, attempt),
    Image: image,
    ...(hostNetwork ? {} : { Hostname: (spec.hostname ?? metadata.name).slice(0, 63) }),
    Labels: podLabels(pod, SANDBOX, attempt),
    HostConfig: {
      NetworkMode: hostNetwork ? 'host' : 'bridge',
      IpcMode: spec.hostIPC ? 'host' : 'shareable',
      ...(spec.hostPID ? { PidMode: 'host' } : {}),
      Sysctls: sysctls,
      CpuShares: 2,
      SecurityOpt: ['seccomp=unconfined'],
      LogConfig: { Type: 'none', Config: {} },
    },
  }
}
