import type { Clock } from '../../../src-kube/machinery/clock.ts'
import type { LinkOptions } from '../links.ts'
import type { CommandHost } from '../overlay.ts'
import type { OverlayEntries } from '../plan/entries.ts'
import type { Peer } from '../plan/peers.ts'

/** The device of the node network. */
export interface Uplink {
  name: string
  mtu: number
}

/** What routes to other nodes' pods lead to. */
export interface Carrier {
  device: string
  /** Bytes that a packet between pods may have. */
  mtu: number
  /** Of the device, when others need it. */
  mac?: string
}

/** One of flannel's ways to bring packets to another node (flannel, "Backends"). */
export interface OverlayBackend {
  /** Makes what carries the packets, where it is missing or not as wanted. `subnet` is the node's own. Throws with the system's words. */
  ensure(uplink: Uplink, subnet: string): Promise<Carrier>
  /** What the kernel should hold for these peers. */
  entries(peers: readonly Peer[]): OverlayEntries
  /** The part of what it holds for the device that is the overlay's. */
  own(actual: OverlayEntries): OverlayEntries
  /** Hears of the peers before routes lead to them. */
  meet?(peers: readonly Peer[]): void
  /** Takes away what is left of it on a node that works with another backend. */
  remove(uplink: Uplink): Promise<void>
}

/** The node that packets leave from, the same for every backend. */
export interface BackendOptions {
  host: CommandHost & LinkOptions['host']
  /** Address on the node network. */
  nodeIp: string
  clusterCidr: string
  clock: Clock
  signal: AbortSignal
  log: (message: string) => void
}
