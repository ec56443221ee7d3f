/** What the app can do to a cluster of its own beyond the Kubernetes API: input and result of every action, by name. */
export interface Actions {
  'cluster.status': { input: Record<string, never>; result: ClusterStatus }
  'cluster.start': { input: Record<string, never>; result: null }
  'cluster.stop': { input: Record<string, never>; result: null }
  'cluster.kubeconfig': { input: Record<string, never>; result: { path: string } }
  /** Saved as a new file where this user finds downloads. */
  'cluster.snapshot': { input: Record<string, never>; result: { path: string } }
  'node.add': { input: { name?: string }; result: { name: string } }
  /** Cordons and evicts or deletes its pods, obeying disruption budgets; the node stays. */
  'node.drain': { input: { name: string }; result: null }
  /** Drains, then deletes container, volumes and Node object. */
  'node.remove': { input: { name: string; force?: boolean }; result: null }
  'node.stop': { input: { name: string }; result: null }
  'node.start': { input: { name: string }; result: null }
  'image.list': { input: Record<string, never>; result: DesktopImage[] }
  'image.load': { input: { references: string[] }; result: null }
}

export type ActionName = keyof Actions

export interface ClusterStatus {
  name: string
  version: string
  /** `https://127.0.0.1:6443` */
  server: string
  dataDirectory: string
  nodes: NodeStatus[]
}

export interface NodeStatus {
  name: string
  /** State of the node's container, as the engine says it. */
  container: 'running' | 'paused' | 'exited' | 'created' | 'missing'
  address?: string
}

/** An image of the desktop's Docker. */
export interface DesktopImage {
  reference: string
  id: string
  bytes: number
}
