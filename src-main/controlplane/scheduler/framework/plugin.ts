import type { Node, PersistentVolumeClaim, Pod } from '#types/core/v1'
import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import type { Misfit } from './cycle.ts'
import type { Lookups, Snapshot } from './snapshot.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'

/** Why a node does not do. One object per reason where possible: filters run for every node. */
export interface Failure {
  readonly reasons: readonly string[]
  /** What reveals more of the node than a pod's author may be told, for those who look into decisions. */
  readonly detail?: string | undefined
  /** True when removing other pods could not help: preemption skips the node. */
  readonly unresolvable?: boolean | undefined
}

/** The answer of PreFilter that no node does at all. */
export interface Rejection {
  readonly rejected: string
}

/** Filter with what PreFilter worked out for one pod. Pure over the snapshot, except for {@link NodeFilter.add} and its inverse. */
export interface NodeFilter {
  check(node: NodeInfo): Failure | undefined
  /** The only nodes worth a look. */
  readonly only?: ReadonlySet<string> | undefined
  /** Takes account of one more pod on a node: a nominated pod, or a victim that is reprieved. */
  add?(pod: PodInfo, node: NodeInfo): void
  /** The inverse of `add`. */
  remove?(pod: PodInfo, node: NodeInfo): void
}

/** Score with what PreScore worked out. Higher is better; after normalising 0 to 100. */
export interface NodeScorer {
  score(node: NodeInfo): number
  /** Brings raw scores into 0…100 in place. */
  normalize?(scores: number[], nodes: readonly NodeInfo[]): void
}

/** What happened in the cluster that may make an unschedulable pod schedulable. */
export type ClusterEvent =
  | { resource: 'node'; action: 'add'; node: Node; old?: undefined }
  | { resource: 'node'; action: 'update'; node: Node; old: Node }
  | { resource: 'lost node'; action: 'delete'; node: Node }
  | { resource: 'pod'; action: 'add' | 'delete'; pod: Pod; old?: undefined }
  | { resource: 'pod'; action: 'update'; pod: Pod; old: Pod }
  | { resource: 'volume' | 'device' | 'namespace' | 'timeout'; action: 'change'; claim?: PersistentVolumeClaim }

/** All that Reserve, Permit, PreBind, Bind and PostBind are told; they may wait, until the signal. */
export interface BindingContext {
  readonly pod: PodInfo
  readonly nodeName: string
  readonly lookups: Lookups
  readonly clock: Clock
  readonly signal: AbortSignal
  /** To be called before a long wait for others: other pods are bound meanwhile, however many wait. */
  readonly waits?: (() => void) | undefined
  /** Whether there is no such pod any more that needs a node: who waits for others gives up. */
  readonly gone?: (() => boolean) | undefined
}

/** The outcome of PostFilter: a node to wait for, or why there is none. */
export interface PostFilterResult {
  readonly nominatedNodeName?: string | undefined
  readonly victims?: readonly PodInfo[] | undefined
  /** No node is worth waiting for, not even the one that the pod was nominated for. */
  readonly clearsNomination?: boolean | undefined
  /** What there is to say, as the end of the event. */
  readonly message?: string | undefined
  /** What the plugin itself does so that a later attempt may succeed. */
  readonly act?: (() => Promise<void>) | undefined
}

/**
 * One concern of scheduling (kubernetes.io, "Scheduling Framework"). Every hook is optional. What runs per node is pure; the state of
 * one scheduling cycle lives in what `preFilter` and `preScore` return. A cycle is synchronous: nothing changes while it runs.
 */
export interface Plugin {
  readonly name: string
  /** Times the normalised score; 1 when absent. */
  readonly weight?: number | undefined
  /** A reason not even to queue the pod. */
  preEnqueue?(pod: PodInfo): string | undefined
  /** Order of the active queue: below zero when `a` goes first. */
  queueSort?(a: QueuedOrder, b: QueuedOrder): number
  /** Undefined when the plugin has nothing to say about the pod: it is then skipped for every node. */
  preFilter?(pod: PodInfo, snapshot: Snapshot): NodeFilter | Rejection | undefined
  /** When no node does: what could be done. A plan only; the scheduler carries it out. */
  postFilter?(pod: PodInfo, misfit: Misfit, snapshot: Snapshot): PostFilterResult | undefined
  /** Undefined when all nodes are equal to it. */
  preScore?(pod: PodInfo, snapshot: Snapshot, nodes: readonly NodeInfo[]): NodeScorer | undefined
  /** Whether `preBind` has something to do that takes its time: the pod is told the expected node then (KEP-5278). */
  preBindPreFlight?(context: BindingContext): boolean
  /** Counts at once what the pod takes beside the node; the answer undoes it. */
  reserve?(context: BindingContext): (() => void) | undefined
  /** Resolves when the pod may be bound; rejects to refuse. */
  permit?(context: BindingContext): Promise<void> | undefined
  preBind?(context: BindingContext): Promise<void> | undefined
  bind?(context: BindingContext): Promise<void>
  postBind?(context: BindingContext): void
  /** Whether an event may let a pod pass which this plugin refused; queueing hint. True for every event when absent. */
  mayHelp?(event: ClusterEvent, pod: PodInfo): boolean
}

/** What the queue is ordered by. */
export interface QueuedOrder {
  readonly info: PodInfo
  /** When the pod came to the queue, milliseconds. */
  readonly since: number
}

/** Whether a PreFilter says that no node does. */
export function isRejection(value: NodeFilter | Rejection): value is Rejection {
  return 'rejected' in value
}
