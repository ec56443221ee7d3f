/**
 * The overlay's own firewall rules as input of `iptables-restore --noflush`: forwarding of pod traffic is accepted, and a pod's
 * address is replaced only when its packet leaves the pod network.
 */
export function overlayRules(clusterCidr: string): string {
  return [
    '*nat',
    ':FLANNEL-POSTRTG - [0:0]',
    '-F FLANNEL-POSTRTG',
    `-A FLANNEL-POSTRTG -s ${clusterCidr} -d ${clusterCidr} -m comment --comment "pods keep their address among themselves" -j RETURN`,
    `-A FLANNEL-POSTRTG -s ${clusterCidr} ! -d 224.0.0.0/4 -m comment --comment "pods leave with the address of their node" -j MASQUERADE --random-fully`,
    'COMMIT',
    '*filter',
    ':FLANNEL-FWD - [0:0]',
    '-F FLANNEL-FWD',
    `-A FLANNEL-FWD -s ${clusterCidr} -m comment --comment "from pods" -j ACCEPT`,
    `-A FLANNEL-FWD -d ${clusterCidr} -m comment --comment "to pods" -j ACCEPT`,
    'COMMIT',
    '',
  ].join('\n')
}

/** Chains that jump into ours: table, built-in chain, our chain. Appended when `iptables -C` misses them. */
export const overlayJumps = [
  { table: 'nat', from: 'POSTROUTING', to: 'FLANNEL-POSTRTG' },
  { table: 'filter', from: 'FORWARD', to: 'FLANNEL-FWD' },
] as const
