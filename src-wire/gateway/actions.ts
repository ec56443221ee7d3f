import type { ClusterWish, SnapshotFacts, WishCheck } from './clusters.ts'
import type { HelmActions } from './helm.ts'
import type { KubectlActions } from './kubectl.ts'
import type { PreferenceActions } from './preferences.ts'

/** What the app can do beyond the Kubernetes API to the machine itself: actions of no cluster, whose id is empty. */
export interface MachineActions {
  /** What would be in the way of a new cluster, by field; nothing is made. */
  'cluster.check': { input: ClusterWish; result: WishCheck }
  /** Resolves when the cluster is up; its steps are a task. */
  'cluster.create': { input: ClusterWish; result: { id: string } }
  /** Paths of snapshots where Drydock saves them, the newest first. */
  'snapshot.list': { input: Record<string, never>; result: string[] }
  /** Reads a snapshot to its end and tells what it holds. */
  'snapshot.inspect': { input: { file: string }; result: SnapshotFacts }
  /** What was made until then is undone. */
  'task.cancel': { input: { id: number }; result: null }
  /** Forgets one that has failed. */
  'task.dismiss': { input: { id: number }; result: null }
}

/** What the app can do to a cluster of its own beyond the Kubernetes API: input and result of every action, by name. */
export interface ClusterActions {
  'cluster.status': { input: Record<string, never>; result: ClusterStatus }
  'cluster.start': { input: Record<string, never>; result: null }
  'cluster.stop': { input: Record<string, never>; result: null }
  /** Its objects, nodes and volumes go; it starts again as if it were new. */
  'cluster.reset': { input: Record<string, never>; result: null }
  'cluster.delete': { input: Record<string, never>; result: null }
  /** Its state becomes that of a snapshot; it starts again. */
  'cluster.restore': { input: { file: string }; result: null }
  'cluster.kubeconfig': { input: Record<string, never>; result: { path: string } }
  /** Saved as a new file where this user finds downloads. */
  'cluster.snapshot': { input: Record<string, never>; result: { path: string } }
  'node.add': { input: { name?: string }; result: { name: string } }
  /** Drains, then deletes container, volumes and Node object. */
  'node.remove': { input: { name: string; force?: boolean }; result: null }
  'node.stop': { input: { name: string }; result: null }
  'node.start': { input: { name: string }; result: null }
  'image.list': { input: Record<string, never>; result: DesktopImage[] }
  'image.load': { input: { references: string[] }; result: null }
}

/** All that the app may ask besides requests to clusters: inputs and results by name. */
export interface Actions extends MachineActions, ClusterActions, HelmActions, KubectlActions, PreferenceActions {}
/** `cluster.create`, `helm.install`, … */
export type ActionName = keyof Actions

/** A cluster of this machine as its process tells of it; answered by the action `cluster.status`. */
export interface ClusterStatus {
  name: string
  version: string
  /** `https://127.0.0.1:6443` */
  server: string
  dataDirectory: string
  nodes: NodeStatus[]
}

/** A node as the engine of this machine sees it, whether the cluster is up or not. */
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
