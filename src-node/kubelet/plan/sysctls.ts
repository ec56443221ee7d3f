import type { Pod } from '#types/core/v1'

/** Kernel parameters that one pod can set without a word from the node's owner (kubernetes.io, "Using sysctls in a Kubernetes Cluster"). */
const safe = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
])

/** A parameter's name with dots, however it was written: with slashes the separators are those, and dots are part of names. */
export function normalSysctl(name: string): string {
  const first = /[./]/.exec(name)?.[0]
  if (first !== '/') return name
  return name.replaceAll(/[./]/g, (separator) => (separator === '/' ? '.' : '/'))
}

/** What a pod has of its own in its namespaces; nothing else can be set for one pod. */
const NAMESPACED = /^(?:kernel\.(?:sem$|shm|msg)|fs\.mqueue\.|net\.)/

/** Whether pods may be allowed to set a parameter, or all that begin as a pattern with a closing `*` says. */
export const isNamespaced = (pattern: string): boolean => NAMESPACED.test(normalSysctl(pattern).replace(/\*$/, ''))

const matches = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern

/**
 * Why the node does not take a pod, in upstream's words; undefined when its kernel parameters are all safe, or among those that the node's
 * owner allows (`allowedUnsafeSysctls`).
 */
export function forbiddenSysctl({ spec }: Pod, allowed: readonly string[] = []): string | undefined {
  for (const { name } of spec.securityContext?.sysctls ?? []) {
    const normal = normalSysctl(name)
    if (!safe.has(normal) && !allowed.some((pattern) => matches(normalSysctl(pattern), normal)))
      return `forbidden sysctl: "${name}" not allowlisted`
    if (spec.hostNetwork && normal.startsWith('net.')) {
      return `forbidden sysctl: "${name}" not allowed with host net enabled`
    }
    if (spec.hostIPC && normal.startsWith('kernel.')) {
      return `forbidden sysctl: "${name}" not allowed with host ipc enabled`
    }
  }
  return undefined
}
