import type { HostAlias } from '#types/core/v1'

/** What `/etc/hosts` of a pod says. */
export interface HostsFacts {
  /** The pod's address; empty before it has one. */
  ip: string
  name: string
  /** The name with its domain, of a pod that has one. */
  full: string | undefined
  aliases: readonly HostAlias[] | undefined
}

/** `/etc/hosts` of a pod with a network of its own (kubernetes.io, "Adding entries to Pod /etc/hosts with HostAliases"). */
export function hostsFile({ ip, name, full, aliases }: HostsFacts): string {
  return lines(
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    ...(ip ? [[ip, full ?? [], name].flat().join('\t')] : []),
    ...aliasLines(aliases),
  )
}

/** The same of a pod on the node's network: what the node itself has, and the pod's aliases. */
export function hostNetworkHostsFile(ofNode: string, aliases: readonly HostAlias[] | undefined): string {
  return lines('# Kubernetes-managed hosts file (host network).', ofNode.trimEnd(), ...aliasLines(aliases))
}

function aliasLines(aliases: readonly HostAlias[] = []): string[] {
  if (aliases.length === 0) return []
  const entries = aliases.map(({ ip, hostnames = [] }) => [ip, ...hostnames].join('\t'))
  return ['', '# Entries added by HostAliases.', ...entries]
}

const lines = (...all: string[]): string => `${all.join('\n')}\n`
