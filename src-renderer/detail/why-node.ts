import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { textAt } from '../kinds/view.ts'

/** The scheduler's answer at `/debug/scheduler/decisions/<namespace>/<name>`. */
export interface Decision {
  uid: string
  /** Milliseconds since the epoch. */
  time: number
  attempt: number
  nodeName?: string
  message?: string
  refused: Record<string, string[]>
  feasible: string[]
  /** By plugin, one a feasible node; absent when there was no choice. */
  scores?: Record<string, number[]>
}

/** What the scheduler made of one node for one pod. */
export interface NodeVerdict {
  node: string
  verdict: 'chosen' | 'possible' | 'refused'
  reasons: string[]
  /** Sum of the scores; undefined when nothing was scored. */
  total?: number
  /** In the order of {@link WhyNode.plugins}. */
  scores: number[]
}

/** The scheduler's last decision about a pod, as a table of nodes by plugins. */
export interface WhyNode {
  /** Those that made a difference come first, by how much. */
  plugins: string[]
  nodes: NodeVerdict[]
}

/** A decision as a table: the chosen node, then the other possible ones by their scores, then the refused ones. */
export function whyNode({ nodeName, refused, feasible, scores = {} }: Decision): WhyNode {
  const spread = (of: readonly number[]): number => Math.max(...of) - Math.min(...of)
  const plugins = Object.keys(scores).sort((a, b) => spread(scores[b]!) - spread(scores[a]!) || (a < b ? -1 : 1))
  const possible = feasible.map((node, at): NodeVerdict => {
    const own = plugins.map((plugin) => scores[plugin]![at] ?? 0)
    const total = plugins.length > 0 ? { total: own.reduce((sum, score) => sum + score, 0) } : {}
    return { node, verdict: node === nodeName ? 'chosen' : 'possible', reasons: [], scores: own, ...total }
  })
  const order = (one: NodeVerdict): number => (one.verdict === 'chosen' ? Infinity : (one.total ?? 0))
  const refusals = Object.entries(refused).map(([node, reasons]): NodeVerdict => ({
    node,
    verdict: 'refused',
    reasons,
    scores: [],
  }))
  return {
    plugins,
    nodes: [
      ...possible.sort((a, b) => order(b) - order(a) || (a.node < b.node ? -1 : 1)),
      ...refusals.sort((a, b) => (a.node < b.node ? -1 : 1)),
    ],
  }
}

const schedulingReasons = new Set([
  'Scheduled',
  'FailedScheduling',
  'Preempted',
  'NotTriggerScaleUp',
  'TriggeredScaleUp',
])

/** Where a scheduler keeps no record: what its events say, latest first. */
export const schedulingEvents = (events: readonly KubeObject[]): KubeObject[] =>
  events.filter((event) => schedulingReasons.has(textAt(event, 'reason')))

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had …` as its parts, without what was done about it; one part for other messages. */
export function reasonsIn(message: string): string[] {
  const [, list] = /^\d+\/\d+ nodes are available: (.*?)(\. .*)?\.?$/s.exec(message) ?? []
  return list ? list.split(/, (?=\d+ )/) : [message]
}
