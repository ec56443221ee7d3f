import type { Duplex, Readable } from 'node:stream'
import type { NodeServices, PodStreams } from './pod-streams.ts'

/**
 * The server's end of one node's tunnel: everything the API server asks a node for, multiplexed over the connections the
 * node's agent dialled (connect-tunnel.ts says why it is they who dial).
 */
export interface NodeConnection extends PodStreams, NodeServices {
  readonly node: string
  /** Aborts when the tunnel is gone, or the node says nothing on it. */
  readonly closed: AbortSignal
  /** GET of a path of the kubelet's own API (`/pods`, `/metrics`, `/stats/summary`, …); any status. */
  kubelet(path: string): Promise<KubeletAnswer>
}

/** The API server's table of connected nodes; cloud and subresources reach nodes through it. */
export interface NodeTunnels {
  /** Throws a 502/503-like `StatusError` in Kubernetes' words when the node is not connected. */
  get(node: string): NodeConnection
  has(node: string): boolean
  list(): string[]
}

/** An image on the desktop's own engine, as the node asks the control plane for it. Undefined when the desktop has none. */
export type DesktopImages = (reference: string) => Promise<Readable | undefined>

export type { Duplex }

/** What a kubelet path answered over the tunnel. */
export interface KubeletAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Readable
}
