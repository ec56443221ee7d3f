/** One thing that the nftables mode needs of the kernel: its name with the kernel's option, and what tries it (`nft -c -f -` changes nothing). */
export interface Piece {
  name: string
  input: string
}

const trial = (rule: string, hook = 'type filter hook input priority 0;'): string =>
  `add table ip drydock-trial\nadd chain ip drydock-trial try { ${hook} }\nadd rule ip drydock-trial try ${rule}\n`
const nat = (hook: string): string => `type nat hook ${hook} priority 0;`

/** In the order in which they build upon each other: what comes first explains the rest. */
export const nftPieces: readonly Piece[] = [
  { name: 'tables of nftables (CONFIG_NF_TABLES, CONFIG_NF_TABLES_IPV4)', input: 'add table ip drydock-trial\n' },
  { name: 'connection tracking in nftables (CONFIG_NFT_CT)', input: trial('ct state new accept') },
  { name: 'maps of verdicts (CONFIG_NF_TABLES)', input: trial('meta l4proto . th dport vmap { tcp . 1 : drop }') },
  { name: 'sets that the kernel fills (CONFIG_NF_TABLES)', input: dynamicSet() },
  { name: 'choice by chance (CONFIG_NFT_NUMGEN)', input: trial('numgen random mod 2 vmap { 0 : drop, 1 : accept }') },
  { name: 'local addresses in nftables (CONFIG_NFT_FIB_IPV4)', input: trial('fib daddr type local accept') },
  { name: 'refusal in nftables (CONFIG_NFT_REJECT)', input: trial('reject with icmp type port-unreachable') },
  {
    name: 'translation in nftables (CONFIG_NFT_NAT)',
    input: trial('meta l4proto tcp dnat to 127.0.0.1:1', nat('prerouting')),
  },
  {
    name: 'masquerading in nftables (CONFIG_NFT_MASQ)',
    input: trial('masquerade fully-random', nat('postrouting')),
  },
]

function dynamicSet(): string {
  const [table, chain, rule] = trial('update @seen { ip saddr timeout 1s }').split('\n') as [string, string, string]
  return [table, 'add set ip drydock-trial seen { type ipv4_addr; flags dynamic,timeout; }', chain, rule, ''].join('\n')
}
