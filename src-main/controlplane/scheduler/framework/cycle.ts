import { ExtensionPoints } from './extension-points.ts'
import { checkNode, checkWithNominated, prepareFilters, type ActiveFilter, type NodeFailure } from './filtering.ts'
import type { NodeInfo } from './node-info.ts'
import type { Plugin } from './plugin.ts'
import type { PodInfo } from './pod-info.ts'
import { scoreNodes, selectHost, type Scores } from './scoring.ts'
import type { Snapshot } from './snapshot.ts'

/** Where a pod goes. */
export interface Placement {
  readonly kind: 'placed'
  readonly nodeName: string
  readonly evaluated: number
  readonly feasible: readonly NodeInfo[]
  readonly failures: ReadonlyMap<string, NodeFailure>
  /** Undefined when only one node was feasible. */
  readonly scores: Scores | undefined
}

/** Why it goes nowhere. */
export interface Misfit {
  readonly kind: 'misfit'
  readonly failures: ReadonlyMap<string, NodeFailure>
  /** Said by PreFilter of the pod as a whole. */
  readonly rejected: string | undefined
  readonly rejectedBy: ReadonlySet<Plugin>
  readonly filters: readonly ActiveFilter[]
  /** Asks the filters about a node once more, beside the pods that are nominated for it. */
  readonly check: (node: NodeInfo) => NodeFailure | undefined
}

/** What choosing a node for one pod looks at; nothing of it changes meanwhile. */
export interface CycleOptions {
  readonly plugins: readonly Plugin[]
  readonly snapshot: Snapshot
  /** Pods of the priority or higher that wait for room on a node, but the one given. */
  readonly nominated: (nodeName: string, than: PodInfo) => readonly PodInfo[]
  /** The node on which preemption made room for a pod. */
  readonly nominatedNode: (uid: string) => string | undefined
  readonly random: () => number
  /** Where times are counted; nobody counts them when absent. */
  readonly points?: ExtensionPoints
}

/** Nodes of which all are looked at (`minFeasibleNodesToFind` of kube-scheduler). */
const FEWEST = 100

/** How many feasible nodes are enough in a cluster of a size (kubernetes.io, "Scheduler Performance Tuning"). */
function enoughNodes(total: number): number {
  if (total < FEWEST) return total
  const percent = Math.max(5, 50 - Math.floor(total / 125))
  return Math.max(FEWEST, Math.floor((total * percent) / 100))
}

/** Without a node there is nothing to ask the plugins. */
const nowhere: Misfit = {
  kind: 'misfit',
  failures: new Map(),
  rejected: undefined,
  rejectedBy: new Set(),
  filters: [],
  check: () => undefined,
}

/** Finds a node for one pod at a time; big clusters are looked at in turns, each cycle starting where the last one ended. */
export class SchedulingCycle {
  readonly #options: CycleOptions
  readonly #points: ExtensionPoints
  #start = 0

  constructor(options: CycleOptions) {
    this.#options = options
    this.#points = options.points ?? new ExtensionPoints()
  }

  run(pod: PodInfo): Placement | Misfit {
    const { plugins, snapshot, random } = this.#options
    if (snapshot.nodes.length === 0) return nowhere
    const points = this.#points
    const prepare = () => prepareFilters(plugins, pod, snapshot)
    const prepared = points.time('PreFilter', prepare, (answer) => 'rejected' in answer)
    if ('rejected' in prepared) return this.#rejected(prepared.plugin, prepared.rejected)
    const failures = new Map<string, NodeFailure>()
    const feasible = points.time('Filter', () => this.#feasible(pod, prepared.filters, failures))
    if (feasible.length === 0) {
      const rejectedBy = new Set([...failures.values()].map(({ plugin }) => plugin))
      const { filters } = prepared
      const check = (node: NodeInfo) => this.#check(pod, filters, node)
      return { kind: 'misfit', failures, rejected: undefined, rejectedBy, filters, check }
    }
    const score = () => scoreNodes(plugins, pod, snapshot, feasible)
    const scores = feasible.length > 1 ? points.time('Score', score) : undefined
    const host = feasible[scores ? selectHost(scores.totals, random) : 0]!
    const evaluated = feasible.length + failures.size
    return { kind: 'placed', nodeName: host.name, evaluated, feasible, failures, scores }
  }

  #rejected(plugin: Plugin, rejected: string): Misfit {
    const failure: NodeFailure = { reasons: [rejected], unresolvable: true, plugin }
    const failures = new Map(this.#options.snapshot.nodes.map(({ name }) => [name, failure]))
    const check = () => failure
    return { kind: 'misfit', failures, rejected, rejectedBy: new Set([plugin]), filters: [], check }
  }

  #feasible(pod: PodInfo, filters: readonly ActiveFilter[], failures: Map<string, NodeFailure>): NodeInfo[] {
    const { nodes } = this.#options.snapshot
    const preferred = this.#nominatedFirst(pod, filters)
    if (preferred) return [preferred]
    const wanted = enoughNodes(nodes.length)
    const feasible: NodeInfo[] = []
    let processed = 0
    for (; processed < nodes.length && feasible.length < wanted; processed++) {
      const node = nodes[(this.#start + processed) % nodes.length]!
      const failure = this.#check(pod, filters, node)
      if (failure) failures.set(node.name, failure)
      else feasible.push(node)
    }
    this.#start = nodes.length ? (this.#start + processed) % nodes.length : 0
    return feasible
  }

  /** The node that preemption made room on is taken when it does. */
  #nominatedFirst(pod: PodInfo, filters: readonly ActiveFilter[]): NodeInfo | undefined {
    const name = this.#options.nominatedNode(pod.uid) ?? pod.pod.status?.nominatedNodeName
    const node = name ? this.#options.snapshot.node(name) : undefined
    return node && !this.#check(pod, filters, node) ? node : undefined
  }

  #check(pod: PodInfo, filters: readonly ActiveFilter[], node: NodeInfo): NodeFailure | undefined {
    const nominated = this.#options.nominated(node.name, pod)
    return nominated.length ? checkWithNominated(filters, node, nominated) : checkNode(filters, node)
  }
}
