/** What an agent must know; `/etc/drydock/node.json` on its node. One whose file says something else than before starts anew. */
export interface NodeConfig {
  cluster: string
  node: string
  address: string
  /** Base addresses of the API server, tried in order. */
  servers: string[]
  /** PEM. */
  ca: string
  /** Bootstrap token `id.secret`; used only while the node has no certificate. */
  token: string
  clusterDns: string
  clusterDomain: string
  clusterCidr: string
  serviceCidr: string
  /** kube-proxy's mode; absent for `iptables`. */
  proxyMode?: 'iptables' | 'nftables' | 'ipvs' | 'userspace'
  /** How ipvs chooses among endpoints; absent for `rr`. */
  ipvsScheduler?: string
  /** Flannel's backend; absent for `vxlan`. */
  flannelBackend?: 'vxlan' | 'host-gw' | 'udp'
}
