/** Chains of kube-proxy's iptables mode, and of its ipvs mode's iptables rules. */
const OURS =
  /^KUBE-(?:(?:SVC|SVL|SEP|EXT|FW)-.+|MARK-MASQ|POSTROUTING|SERVICES|NODEPORTS|HOSTPORTS|EXTERNAL-SERVICES|PROXY-FIREWALL|FIREWALL|FORWARD|LOAD-BALANCER|NODE-PORT|IPVS-FILTER)$/

/**
 * The input for `iptables-restore --noflush` that takes kube-proxy's rules out of a table, by what `iptables-save` shows of it: what leads into our
 * chains, then the chains. Undefined when there is none. Pure.
 */
export function withoutProxy(table: 'nat' | 'filter', saved: string): string | undefined {
  const lines = saved.split('\n')
  const chains = lines.flatMap((line) => /^:(\S+)/.exec(line)?.[1] ?? []).filter((chain) => OURS.test(chain))
  if (chains.length === 0) return undefined
  const found = new Set(chains)
  const leading = lines.filter((line) => {
    const [, chain, target] = /^-A (\S+) .*-[jg] (\S+)$/.exec(line) ?? []
    return target !== undefined && found.has(target) && !found.has(chain!)
  })
  return [
    `*${table}`,
    // A declared chain is emptied.
    ...chains.map((chain) => `:${chain} - [0:0]`),
    ...leading.map((line) => line.replace('-A', '-D')),
    ...chains.map((chain) => `-X ${chain}`),
    'COMMIT',
    '',
  ].join('\n')
}
