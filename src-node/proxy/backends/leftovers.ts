import { withoutProxy } from '../rules/leftovers.ts'
import { TABLE } from '../rules/nftables/table.ts'
import type { ProxyHost, ProxyMode } from './backend.ts'
import { removeIpvs } from './ipvs.ts'
import { hasTable } from './nftables.ts'

/**
 * Takes away what modes other than `mode` have left on this node, as kube-proxy's `--cleanup` does; called once the rules of `mode` stand, so that no
 * connection finds none. Connections that stand keep their translation. The modes iptables and ipvs share their chains, which either writes whole.
 */
export async function cleanupLeftovers(host: ProxyHost, mode: ProxyMode): Promise<void> {
  if (mode === 'nftables') await removeIptables(host)
  // A kernel or a node without nftables has none of its tables.
  else if (await hasTable(host).catch(() => false)) await host.run('nft', ['delete', 'table', 'ip', TABLE])
  if (mode !== 'ipvs') await removeIpvs(host)
}

async function removeIptables(host: ProxyHost): Promise<void> {
  for (const table of ['nat', 'filter'] as const) {
    const input = withoutProxy(table, (await host.run('iptables-save', ['-t', table])).stdout)
    if (input !== undefined) await host.run('iptables-restore', ['--noflush', '-w', '5'], { stdin: input })
  }
}
