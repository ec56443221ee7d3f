/**
 * Each node answers its pods' DNS itself. While its agent is alive it marks the DNS address in the kernel's `recent` lists once a
 * second; when a mark is older than {@link FRESH} seconds (the agent is stopped, updated, hangs), queries go to the other
 * nodes, chosen by chance. So the names of services outlive the agent without a second process on every node.
 *
 * A query that the agent answers is not tracked. The kernel would remember for 30 to 120 s whom a source port asked, and lead a later query from that
 * port to the agent that is gone, whatever the rules say by then.
 */
const FRESH = 4
const CHAIN = 'DRYDOCK-DNS'

/** What a table of the kernel does of it. */
export interface FailoverTable {
  name: 'nat' | 'raw'
  /** The `recent` list of its own, which is there as long as its rules are. */
  list: string
  /** Input of `iptables-restore --noflush`. */
  rules: string
  /** Rules of the built-in chains that lead into ours, as `iptables` takes them after -A or -C. */
  jumps: ReadonlyArray<{ chain: string; rule: string[] }>
}

/** `dns` is the address of the cluster's DNS, `peers` those of the other nodes. */
export function failoverTables(dns: string, peers: readonly string[]): FailoverTable[] {
  return [redirecting(dns, peers), forgetting(dns)]
}

/** To another node, unless the agent is alive. */
function redirecting(dns: string, peers: readonly string[]): FailoverTable {
  const list = 'drydock-dns'
  const targets = (protocol: string): string[] =>
    peers.map((peer, i) => {
      const left = peers.length - i
      const chance = left > 1 ? ` -m statistic --mode random --probability ${(1 / left).toFixed(6)}` : ''
      return `-A ${CHAIN} -p ${protocol}${chance} -j DNAT --to-destination ${peer}:53`
    })
  return {
    name: 'nat',
    list,
    rules: restored('nat', [`-A ${CHAIN} -d ${dns}/32 ${alive(list)} -j RETURN`, ...targets('udp'), ...targets('tcp')]),
    jumps: ['PREROUTING', 'OUTPUT'].flatMap((chain) => ['udp', 'tcp'].map((protocol) => asking(dns, chain, protocol))),
  }
}

/** Neither what the agent is asked nor what it answers is tracked. */
function forgetting(dns: string): FailoverTable {
  const list = 'drydock-dns-raw'
  const answering = { chain: 'OUTPUT', rule: ['-s', `${dns}/32`, '-p', 'udp', '--sport', '53', '-j', CHAIN] }
  return {
    name: 'raw',
    list,
    rules: restored('raw', [
      `-A ${CHAIN} -d ${dns}/32 ${alive(list)} -j CT --notrack`,
      `-A ${CHAIN} -s ${dns}/32 -j CT --notrack`,
    ]),
    jumps: [asking(dns, 'PREROUTING', 'udp'), asking(dns, 'OUTPUT', 'udp'), answering],
  }
}

const alive = (list: string): string => `-m recent --name ${list} --rcheck --seconds ${FRESH} --rdest`

const asking = (dns: string, chain: string, protocol: string) => ({
  chain,
  rule: ['-d', `${dns}/32`, '-p', protocol, '--dport', '53', '-j', CHAIN],
})

const restored = (table: string, rules: readonly string[]): string =>
  [`*${table}`, `:${CHAIN} - [0:0]`, ...rules, 'COMMIT', ''].join('\n')
