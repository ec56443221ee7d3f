import type { SELinuxOptions } from '#types/core/v1'
import { called, containersOf, namesWhere, quoted, violation, type AnyContainer, type Check } from './check.ts'

const capabilities = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
])
/** Kernel parameters that concern a pod alone, by the version that took them up. */
const sysctls: Record<string, number> = {
  'kernel.shm_rmid_forced': 0,
  'net.ipv4.ip_local_port_range': 0,
  'net.ipv4.tcp_syncookies': 0,
  'net.ipv4.ping_group_range': 0,
  'net.ipv4.ip_unprivileged_port_start': 22,
  'net.ipv4.ip_local_reserved_ports': 27,
  'net.ipv4.tcp_keepalive_time': 29,
  'net.ipv4.tcp_fin_timeout': 29,
  'net.ipv4.tcp_keepalive_intvl': 29,
  'net.ipv4.tcp_keepalive_probes': 29,
  'net.ipv4.tcp_rmem': 32,
  'net.ipv4.tcp_wmem': 32,
}
const seLinuxTypes = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t'])
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/'

const appArmor: Check = {
  judge({ spec, annotations }) {
    const wrong = (type: string | undefined): boolean => type === 'Unconfined'
    const details = wrong(spec.securityContext?.appArmorProfile?.type)
      ? ['pod must not set AppArmor profile type to "Unconfined"']
      : []
    const names = namesWhere(spec, (one) => wrong(one.securityContext?.appArmorProfile?.type))
    if (names.length > 0) details.push(`${called(names)} must not set AppArmor profile type to "Unconfined"`)
    const notes = Object.entries(annotations)
      .filter(([key, value]) => key.startsWith(APP_ARMOR) && !/^(|runtime\/default|localhost\/.*)$/.test(value))
      .map(([key, value]) => `${key}=${value}`)
      .sort()
    if (notes.length > 0) details.push(called(notes, 'annotation'))
    return violation(`forbidden AppArmor profile${details.length > 1 ? 's' : ''}`, details)
  },
}

const addedCapabilities: Check = {
  judge: ({ spec }) => {
    const odd = ({ securityContext }: AnyContainer): string[] =>
      (securityContext?.capabilities?.add ?? []).filter((name) => !capabilities.has(name))
    const names = namesWhere(spec, (one) => odd(one).length > 0)
    const found = new Set(containersOf(spec).flatMap(odd).sort())
    return violation(
      'non-default capabilities',
      names.length > 0
        ? [`${called(names)} must not include ${quoted(found)} in securityContext.capabilities.add`]
        : [],
    )
  },
}

const hostNamespaces: Check = {
  judge: ({ spec }) =>
    violation(
      'host namespaces',
      (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field]).map((field) => `${field}=true`),
    ),
}

const hostPaths: Check = {
  judge({ spec }) {
    const names = (spec.volumes ?? []).filter((volume) => volume.hostPath).map(({ name }) => name)
    return violation('hostPath volumes', names.length > 0 ? [called(names, 'volume')] : [])
  },
}

const hostPorts: Check = {
  judge({ spec }) {
    const portsOf = (one: AnyContainer): number[] =>
      ((one as { ports?: Array<{ hostPort?: number }> }).ports ?? []).flatMap(({ hostPort }) => hostPort || [])
    const names = namesWhere(spec, (one) => portsOf(one).length > 0)
    if (names.length === 0) return undefined
    const ports = [...new Set(containersOf(spec).flatMap(portsOf))].sort((a, b) => a - b)
    const verb = names.length === 1 ? 'uses' : 'use'
    return {
      reason: 'hostPort',
      detail: `${called(names)} ${verb} hostPort${ports.length === 1 ? '' : 's'} ${ports.join(', ')}`,
    }
  },
}

/** Probes and hooks of a pod are sent to that pod, not elsewhere (KEP-4940). */
const hostProbes: Check = {
  since: 34,
  judge({ spec }) {
    const hostsOf = (one: AnyContainer): string[] => {
      const { livenessProbe, readinessProbe, startupProbe, lifecycle } = one
      const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop]
      return handlers
        .flatMap((handler) => [handler?.httpGet?.host, handler?.tcpSocket?.host])
        .filter((host) => host !== undefined && host !== '' && host !== '127.0.0.1' && host !== '::1')
        .map(String)
    }
    const names = namesWhere(spec, (one) => hostsOf(one).length > 0)
    if (names.length === 0) return undefined
    const hosts = [...new Set(containersOf(spec).flatMap(hostsOf))].sort()
    const verb = names.length === 1 ? 'uses' : 'use'
    const what = `probe or lifecycle host${hosts.length === 1 ? '' : 's'}`
    return { reason: 'probe or lifecycle host', detail: `${called(names)} ${verb} ${what} ${quoted(hosts)}` }
  },
}

const privileged: Check = {
  judge({ spec }) {
    const names = namesWhere(spec, (one) => one.securityContext?.privileged === true)
    return violation(
      'privileged',
      names.length > 0 ? [`${called(names)} must not set securityContext.privileged=true`] : [],
    )
  },
}

const procMount: Check = {
  judge({ spec }) {
    const odd = (one: AnyContainer): boolean => (one.securityContext?.procMount ?? 'Default') !== 'Default'
    const names = namesWhere(spec, odd)
    return violation(
      'procMount',
      names.length > 0 ? [`${called(names)} must not set securityContext.procMount to "Unmasked"`] : [],
    )
  },
}

const seLinux: Check = {
  judge({ spec }) {
    const oddType = (options: SELinuxOptions | undefined): boolean => !seLinuxTypes.has(options?.type ?? '')
    const odd = (options: SELinuxOptions | undefined): boolean =>
      oddType(options) || Boolean(options?.user) || Boolean(options?.role)
    const all = [
      spec.securityContext?.seLinuxOptions,
      ...containersOf(spec).map((c) => c.securityContext?.seLinuxOptions),
    ]
    if (!all.some(odd)) return undefined
    const names = namesWhere(spec, (one) => odd(one.securityContext?.seLinuxOptions))
    const who = [...(odd(all[0]) ? ['pod'] : []), ...(names.length > 0 ? [called(names)] : [])]
    const types = new Set(all.filter(oddType).map((options) => options?.type ?? ''))
    const what = [
      ...(types.size > 0 ? [`type${types.size === 1 ? '' : 's'} ${quoted(types)}`] : []),
      ...(all.some((options) => options?.user) ? ['user may not be set'] : []),
      ...(all.some((options) => options?.role) ? ['role may not be set'] : []),
    ]
    return {
      reason: 'seLinuxOptions',
      detail: `${who.join(' and ')} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}`,
    }
  },
}

const seccompUnconfined: Check = {
  since: 19,
  judge({ spec }) {
    const words = 'must not set securityContext.seccompProfile.type to "Unconfined"'
    const details = spec.securityContext?.seccompProfile?.type === 'Unconfined' ? [`pod ${words}`] : []
    const names = namesWhere(spec, (one) => one.securityContext?.seccompProfile?.type === 'Unconfined')
    if (names.length > 0) details.push(`${called(names)} ${words}`)
    return violation('seccompProfile', details)
  },
}

const unsafeSysctls: Check = {
  judge({ spec }, minor) {
    const odd = (spec.securityContext?.sysctls ?? []).filter(({ name }) => (sysctls[name] ?? Infinity) > minor)
    return violation(
      'forbidden sysctls',
      odd.map(({ name }) => name),
    )
  },
}

const hostProcess: Check = {
  judge({ spec }) {
    const words = 'must not set securityContext.windowsOptions.hostProcess=true'
    const details = spec.securityContext?.windowsOptions?.hostProcess ? [`pod ${words}`] : []
    const names = namesWhere(spec, (one) => one.securityContext?.windowsOptions?.hostProcess === true)
    if (names.length > 0) details.push(`${called(names)} ${words}`)
    return violation('hostProcess', details, ' and ')
  },
}

/** Rules of `baseline` that `restricted` has stricter ones of. */
export const overridden: readonly Check[] = [addedCapabilities, hostPaths, seccompUnconfined]

/** kubernetes.io, "Pod Security Standards: Baseline", in the order in which upstream tells of them. */
export const baseline: readonly Check[] = [
  appArmor,
  addedCapabilities,
  hostNamespaces,
  hostPaths,
  hostPorts,
  hostProbes,
  privileged,
  procMount,
  seLinux,
  seccompUnconfined,
  unsafeSysctls,
  hostProcess,
]
