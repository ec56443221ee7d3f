/**
 * Each node answers its pods' DNS itself. While its agent is alive it marks the DNS address in the kernel's `recent` list once a
 * second; when the mark is older than {@link FRESH} seconds (the agent is stopped, updated, hangs), queries go to the other
 * nodes, chosen by chance. So the names of services outlive the agent without a second process on every node.
 */
export const RECENT_LIST = 'drydock-dns'
const FRESH = 4
const CHAIN = 'DRYDOCK-DNS'

/** Input of `iptables-restore --noflush`: `peers` are the addresses of the other nodes. */
export function failoverRules(dns: string, peers: readonly string[]): string {
  const alive = `-m recent --name ${RECENT_LIST} --rcheck --seconds ${FRESH} --rdest`
  const targets = (protocol: string): string[] =>
    peers.map((peer, i) => {
      const left = peers.length - i
      const chance = left > 1 ? ` -m statistic --mode random --probability ${(1 / left).toFixed(6)}` : ''
      return `-A ${CHAIN} -p ${protocol}${chance} -j DNAT --to-destination ${peer}:53`
    })
  return [
    '*nat',
    `:${CHAIN} - [0:0]`,
    `-A ${CHAIN} -d ${dns}/32 ${alive} -j RETURN`,
    ...targets('udp'),
    ...targets('tcp'),
    'COMMIT',
    '',
  ].join('\n')
}

/** Rules of the built-in chains that lead into ours, as `iptables` takes them after -A or -C. */
export function failoverJumps(dns: string): Array<{ chain: string; rule: string[] }> {
  return ['PREROUTING', 'OUTPUT'].flatMap((chain) =>
    ['udp', 'tcp'].map((protocol) => ({
      chain,
      rule: ['-d', `${dns}/32`, '-p', protocol, '--dport', '53', '-j', CHAIN],
    })),
  )
}
