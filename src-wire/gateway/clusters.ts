import type { ReleaseVerb } from './helm.ts'

/** A cluster that somebody would like to have. */
export interface ClusterWish {
  name: string
  /** 0 for a control plane alone; with a snapshot and without a number, as many as it was taken with. */
  nodes?: number
  /** Of the API server; without one the first that is free from 6443 on. */
  port?: number
  /** Path of a snapshot on this machine that it begins with. */
  snapshot?: string
}

/** What is wrong with one field of a {@link ClusterWish}. */
export interface WishProblem {
  field: 'name' | 'nodes' | 'port' | 'snapshot'
  /** Picks the words; see the renderer's `create.problems`. */
  code: 'nameForm' | 'nameTaken' | 'nodesForm' | 'memory' | 'engine' | 'portForm' | 'portTaken' | 'snapshot'
  /** What the words have places for. */
  facts: Record<string, string | number>
}

/** What speaks against a cluster as it is wished for, before anything is made. */
export interface WishCheck {
  problems: WishProblem[]
  /** Nodes that the memory holds now; absent where that cannot be known. */
  mostNodes?: number
}

/** What a snapshot says of itself. */
export interface SnapshotFacts {
  cluster: string
  /** RFC 3339. */
  taken: string
  objects: number
  nodes: number
  /** Bytes. */
  size: number
}

/** What is done to a cluster itself. */
export type TaskVerb = 'create' | 'start' | 'stop' | 'reset' | 'delete' | 'restore'

/** Something slow that is done to a cluster: it goes on when the window that asked for it is closed, and every window sees it. */
export interface ClusterTask {
  id: number
  cluster: string
  /** What is done to a release has a board of its own. */
  verb: TaskVerb | ReleaseVerb
  state: 'running' | 'cancelling' | 'failed'
  /** Cancelled, it would be undone. */
  canCancel: boolean
  steps: TaskStep[]
  /** Why it failed, and what to do. */
  message?: string
  remedy?: string
}

/** One step of a slow task, as every window shows it. */
export interface TaskStep {
  title: string
  state: 'pending' | 'running' | 'done' | 'failed'
  /** Milliseconds since the epoch. */
  begun?: number
  /** Milliseconds it took, once it ended. */
  took?: number
  /** What it said, the last lines. */
  log: string[]
}
