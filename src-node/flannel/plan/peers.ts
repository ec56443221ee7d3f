import type { Node } from '#types/core/v1'

/** Annotations of flannel's kube subnet manager (flannel, "Annotations"); a real flanneld reads and writes the same. */
export const annotation = {
  type: 'flannel.alpha.coreos.com/backend-type',
  data: 'flannel.alpha.coreos.com/backend-data',
  manager: 'flannel.alpha.coreos.com/kube-subnet-manager',
  publicIp: 'flannel.alpha.coreos.com/public-ip',
  publicIpOverwrite: 'flannel.alpha.coreos.com/public-ip-overwrite',
} as const

/** How a packet crosses between nodes, by flannel's own names. */
export type Backend = 'vxlan' | 'host-gw' | 'udp'

/** Another node of the overlay. */
export interface Peer {
  node: string
  /** Address on the node network. */
  publicIp: string
  /** `10.244.2.0/24`. */
  subnet: string
  /** MAC of its VXLAN device; the other backends have none. */
  mac: string | undefined
}

/** What this node publishes of itself. */
export function leaseAnnotations(lease: {
  backend: Backend
  publicIp: string
  mac: string | undefined
  vni: number
}): Record<string, string> {
  const data = lease.backend === 'vxlan' ? JSON.stringify({ VNI: lease.vni, VtepMAC: lease.mac }) : 'null'
  return {
    [annotation.type]: lease.backend,
    [annotation.data]: data,
    [annotation.manager]: 'true',
    [annotation.publicIp]: lease.publicIp,
  }
}

/** The peers of `self`, sorted by subnet: nodes that hold a lease of the same backend. Others do not take part (yet). */
export function peersOf(nodes: readonly Node[], self: string, backend: Backend): Peer[] {
  return nodes
    .filter((node) => node.metadata.name !== self)
    .map((node) => peerOf(node, backend))
    .filter((peer) => peer !== undefined)
    .sort((a, b) => (a.subnet < b.subnet ? -1 : 1))
}

/** What to tell of the other nodes that hold a lease of another backend: they are left out, as flannel ignores their subnets. */
export function foreignPeers(nodes: readonly Node[], self: string, backend: Backend): string[] {
  return nodes.flatMap(({ metadata: { name, annotations = {} } }) => {
    const theirs = annotations[annotation.type]
    if (name === self || theirs === undefined || theirs === backend) return []
    return [`${name} is left out: its backend is ${theirs}, this node's ${backend}`]
  })
}

function peerOf(node: Node, backend: Backend): Peer | undefined {
  const annotations = node.metadata.annotations ?? {}
  const subnet = node.spec.podCIDR
  const publicIp = annotations[annotation.publicIpOverwrite] ?? annotations[annotation.publicIp]
  if (!subnet || !publicIp || annotations[annotation.type] !== backend) return undefined
  if (backend !== 'vxlan') return { node: node.metadata.name, publicIp, subnet, mac: undefined }
  const mac = vtepMac(annotations[annotation.data])
  return mac ? { node: node.metadata.name, publicIp, subnet, mac } : undefined
}

/** The device's MAC out of `{"VNI":1,"VtepMAC":"…"}`; undefined for what somebody else garbled. */
function vtepMac(data: string | undefined): string | undefined {
  const match = /"VtepMAC"\s*:\s*"([0-9a-f]{2}(?::[0-9a-f]{2}){5})"/i.exec(data ?? '')
  return match?.[1]?.toLowerCase()
}

/** A locally administered MAC made from the node's address, so that it is the same after every restart. */
export function macFor(publicIp: string): string {
  const octets = publicIp.split('.').map(Number)
  return ['0e', 'd0', ...octets.map((octet) => octet.toString(16).padStart(2, '0'))].join(':')
}
