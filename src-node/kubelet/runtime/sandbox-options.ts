import type { ContainerCreateOptions, HostConfig } from 'dockerode'
import type { Pod } from '#types/core/v1'
import { containerName, containerLabels, podLabels, SANDBOX, shimGroup } from '../plan/naming.ts'
import { normalSysctl } from '../plan/sysctls.ts'
import type { Grants } from './create-container.ts'
import { SANDBOX_OOM_SCORE } from './resources.ts'

/** Characters that the kernel lets a host name have. */
const MOST = 64
/** Characters of a DNS label. */
const LABEL_MOST = 63

/** Name and, with a subdomain, full name of a pod's host (kubernetes.io, "DNS for Services and Pods: Pod's hostname and subdomain fields"). */
export function hostNames({ metadata, spec }: Pod, clusterDomain: string): { name: string; full: string | undefined } {
  // It stands for itself and is no name in the DNS (KEP-4762).
  if (spec.hostnameOverride) return { name: spec.hostnameOverride, full: undefined }
  const name = spec.hostname ?? metadata.name.slice(0, LABEL_MOST).replace(/[-.]+$/, '')
  const full = spec.subdomain ? `${name}.${spec.subdomain}.${metadata.namespace}.svc.${clusterDomain}` : undefined
  return { name, full }
}

/** What the host calls itself; throws in upstream's words when the full name that the pod asks for is too long. */
function hostnameOf(pod: Pod, clusterDomain: string): string {
  const { name, full } = hostNames(pod, clusterDomain)
  if (!pod.spec.setHostnameAsFQDN || !full) return name
  if (full.length <= MOST) return full
  throw new Error(
    `failed to construct FQDN from pod hostname and cluster domain, FQDN ${full} is too long (${MOST} characters is the max, ${full.length} characters requested)`,
  )
}

/** A pod that wants users of its own must not run as the node's: the engine has one mapping of users for all. */
const noUserNamespace = (handler: string | undefined): string =>
  `can't set \`spec.hostUsers: false\`, ${handler ? `RuntimeClass handler ${JSON.stringify(handler)}` : 'runtime'} does not support user namespaces`

/** What the engine tells the runtime of a container; its own types do not know of it yet. */
export const annotations = (facts: Record<string, string>): HostConfig => ({ Annotations: facts }) as HostConfig

/** All that is known of a sandbox when it is made, besides what its pod says. */
export interface SandboxFacts {
  image: string
  attempt: number
  /** The pod's control group. */
  group: string
  clusterDomain: string
  runtime?: string | undefined
  /** On the pod network; undefined for pods on the node's own. */
  address?: string | undefined
}

/** The sandbox: a process that does nothing but hold the pod's namespaces. Pure. */
export function sandboxOptions(pod: Pod, facts: SandboxFacts, grants: Grants): ContainerCreateOptions {
  if (pod.spec.hostUsers === false) throw new Error(noUserNamespace(facts.runtime))
  const { hostNetwork = false, hostIPC = false, hostPID = false, securityContext } = pod.spec
  return {
    name: containerName(pod, SANDBOX, facts.attempt),
    Image: facts.image,
    ...(hostNetwork ? {} : { Hostname: hostnameOf(pod, facts.clusterDomain) }),
    Labels: {
      ...podLabels(pod, SANDBOX, facts),
      ...(facts.address ? { [containerLabels.address]: facts.address } : {}),
    },
    // It has a network namespace all the same, which the engine leaves to us.
    ...(hostNetwork ? {} : { NetworkDisabled: true }),
    HostConfig: {
      ...annotations(shimGroup(pod, facts.attempt)),
      ...(facts.runtime ? { Runtime: facts.runtime } : {}),
      CgroupParent: facts.group,
      NetworkMode: hostNetwork ? 'host' : 'none',
      IpcMode: hostIPC ? 'host' : 'shareable',
      ...(hostPID ? { PidMode: 'host' } : {}),
      Sysctls: Object.fromEntries(
        (securityContext?.sysctls ?? []).map(({ name, value }) => [normalSysctl(name), value]),
      ),
      CpuShares: 2,
      OomScoreAdj: grants.lowOomScore ? SANDBOX_OOM_SCORE : 0,
      SecurityOpt: ['seccomp=unconfined'],
      LogConfig: { Type: 'none', Config: {} },
    },
  }
}
