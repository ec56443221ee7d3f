/** The overlay's chains of one table, with their rules in order, without the leading `-A CHAIN`. */
export type OverlayChains = Readonly<Record<'nat' | 'filter', ReadonlyMap<string, readonly string[]>>>

/** Forwarding of pod traffic is accepted, and a pod's address is replaced only when its packet leaves the pod network. */
export function overlayChains(clusterCidr: string): OverlayChains {
  const comment = (words: string): string => `-m comment --comment "${words}"`
  return {
    nat: new Map([
      [
        'FLANNEL-POSTRTG',
        [
          `-s ${clusterCidr} -d ${clusterCidr} ${comment('pods keep their address among themselves')} -j RETURN`,
          `-s ${clusterCidr} ! -d 224.0.0.0/4 ${comment('pods leave with the address of their node')} -j MASQUERADE --random-fully`,
        ],
      ],
    ]),
    filter: new Map([
      [
        'FLANNEL-FWD',
        [`-s ${clusterCidr} ${comment('from pods')} -j ACCEPT`, `-d ${clusterCidr} ${comment('to pods')} -j ACCEPT`],
      ],
    ]),
  }
}

/** The overlay's own firewall rules as input of `iptables-restore --noflush`. */
export function overlayRules(clusterCidr: string): string {
  const tables = Object.entries(overlayChains(clusterCidr)).flatMap(([table, chains]) => [
    `*${table}`,
    ...[...chains].flatMap(([chain, rules]) => [
      `:${chain} - [0:0]`,
      `-F ${chain}`,
      ...rules.map((rule) => `-A ${chain} ${rule}`),
    ]),
    'COMMIT',
  ])
  return [...tables, ''].join('\n')
}

/** Chains that jump into ours: table, built-in chain, our chain. Appended when `iptables -C` misses them. */
export const overlayJumps = [
  { table: 'nat', from: 'POSTROUTING', to: 'FLANNEL-POSTRTG' },
  { table: 'filter', from: 'FORWARD', to: 'FLANNEL-FWD' },
] as const
