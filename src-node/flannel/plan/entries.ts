import { networkHas } from '../../../src-kube/machinery/ipv4.ts'
import type { Peer } from './peers.ts'

/** What the kernel holds for the overlay device, or should hold: routes, neighbours and forwarding entries by their key. */
export interface OverlayEntries {
  /** Destination subnet → gateway. */
  routes: ReadonlyMap<string, string>
  /** Address → MAC; VXLAN's alone, as is forwarding. */
  neighbours: ReadonlyMap<string, string>
  /** MAC → address of the peer's node. */
  forwarding: ReadonlyMap<string, string>
}

/** Lines for `ip -batch -` and `bridge -batch -`. */
export interface OverlayChanges {
  ip: string[]
  bridge: string[]
}

/** First address of `10.244.2.0/24`: the peer's VXLAN device has it. */
export const vtepAddress = (subnet: string): string => subnet.split('/')[0]!

/** Three entries a peer: a route through its device, that device's MAC, and the node behind that MAC. */
export function vxlanEntries(peers: readonly Peer[]): OverlayEntries {
  const withMac = peers.filter((peer): peer is Peer & { mac: string } => peer.mac !== undefined)
  return {
    routes: new Map(withMac.map((peer) => [peer.subnet, vtepAddress(peer.subnet)])),
    neighbours: new Map(withMac.map((peer) => [vtepAddress(peer.subnet), peer.mac])),
    forwarding: new Map(withMac.map((peer) => [peer.mac, peer.publicIp])),
  }
}

/** What a node has that knows no peers. */
export const nothing: OverlayEntries = { routes: new Map(), neighbours: new Map(), forwarding: new Map() }

/** One route a peer, by the gateway that `gatewayOf` names. */
export function routesOnly(peers: readonly Peer[], gatewayOf: (peer: Peer) => string): OverlayEntries {
  return { ...nothing, routes: new Map(peers.map((peer) => [peer.subnet, gatewayOf(peer)])) }
}

/** The least that turns `actual` into `desired`; additions come in the order in which packets need them. */
export function overlayChanges(device: string, actual: OverlayEntries, desired: OverlayEntries): OverlayChanges {
  const ip: string[] = []
  const bridge: string[] = []
  for (const subnet of gone(actual.routes, desired.routes)) ip.push(`route del ${subnet} dev ${device}`)
  for (const address of gone(actual.neighbours, desired.neighbours)) ip.push(`neigh del ${address} dev ${device}`)
  for (const [mac, node] of actual.forwarding) {
    if (desired.forwarding.get(mac) !== node) bridge.push(`fdb del ${mac} dev ${device} dst ${node} self`)
  }
  for (const [mac, node] of changed(actual.forwarding, desired.forwarding)) {
    bridge.push(`fdb append ${mac} dev ${device} dst ${node} self permanent`)
  }
  for (const [address, mac] of changed(actual.neighbours, desired.neighbours)) {
    ip.push(`neigh replace ${address} lladdr ${mac} dev ${device} nud permanent`)
  }
  for (const [subnet, gateway] of changed(actual.routes, desired.routes)) {
    ip.push(`route replace ${subnet} via ${gateway} dev ${device} onlink`)
  }
  return { ip, bridge }
}

const gone = (actual: ReadonlyMap<string, string>, desired: ReadonlyMap<string, string>): string[] =>
  [...actual.keys()].filter((key) => !desired.has(key))

const changed = (actual: ReadonlyMap<string, string>, desired: ReadonlyMap<string, string>): Array<[string, string]> =>
  [...desired].filter(([key, value]) => actual.get(key) !== value)

/** The part of what is on the uplink that is the overlay's: routes to subnets of pods. All else there is somebody else's. */
export function onUplink({ routes }: OverlayEntries, clusterCidr: string): OverlayEntries {
  const ours = [...routes].filter(([subnet]) => networkHas(clusterCidr, subnet.split('/')[0]!))
  return { ...nothing, routes: new Map(ours) }
}
