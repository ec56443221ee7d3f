import type { Clock } from '../../../src-kube/machinery/clock.ts'
import type { NodeTunnels } from '../../../src-wire/node/node-connection.ts'
import type { StatsSummary } from '../../../src-wire/node/stats-summary.ts'
import { overWindow } from './over-window.ts'

/** Measures nodes; answers by name, without those that do not answer. */
export type NodeSummaries = (nodes: Iterable<string>) => Promise<ReadonlyMap<string, StatsSummary>>

/** How nodes are asked for `/stats/summary`, through their tunnels. */
export interface NodeSummariesOptions {
  tunnels: Pick<NodeTunnels, 'get' | 'has'>
  clock: Clock
  log(message: string, error: unknown): void
  /** Milliseconds for which an answer serves all who ask. Default 10,000. */
  fresh?: number
  /** Milliseconds that are waited for a node. Default 5,000. */
  patience?: number
}

interface Asked {
  /** Of the monotonic clock. */
  at: number
  settled: boolean
  answer: Promise<StatsSummary | undefined>
  /** The last that the node has told, now or before. */
  told: StatsSummary | undefined
}

/** Milliseconds after which a question without an answer is put again. */
const LOST = 60_000

/**
 * Asks the kubelets of nodes for what runs there and uses, each at most once in `fresh` however many ask. One that has not answered in time is
 * left out and not asked anew: its answer serves those who ask later. Rates are averages since the answer before where that is not long ago. Why a node failed is told to `log`.
 */
export function nodeSummaries(options: NodeSummariesOptions): NodeSummaries {
  const { tunnels, clock, log, fresh = 10_000, patience = 5_000 } = options
  const known = new Map<string, Asked>()

  async function summaryOf(node: string): Promise<StatsSummary | undefined> {
    try {
      return (await tunnels.get(node).statsSummary({ onlyCpuAndMemory: true })) as StatsSummary
    } catch (error) {
      log(`measuring node ${node}`, error)
      return undefined
    }
  }

  function ask(node: string, earlier: StatsSummary | undefined): Asked {
    const answer = Promise.resolve(undefined)
    const asked: Asked = { at: clock.monotonic(), settled: false, answer, told: earlier }
    asked.answer = summaryOf(node).then((summary) => {
      asked.settled = true
      asked.told = summary ?? earlier
      return summary && earlier ? overWindow(summary, earlier) : summary
    })
    return asked
  }

  function current(node: string): Asked {
    const last = known.get(node)
    if (last && clock.monotonic() - last.at < (last.settled ? fresh : LOST)) return last
    const asked = ask(node, last?.told)
    known.set(node, asked)
    return asked
  }

  return async (nodes) => {
    for (const node of known.keys()) if (!tunnels.has(node)) known.delete(node)
    const wanted = [...new Set(nodes)].filter((node) => tunnels.has(node))
    const answers = await Promise.all(
      wanted.map(async (node) => [node, await inTime(current(node), clock, patience)] as const),
    )
    return new Map(answers.flatMap(([node, summary]) => (summary ? [[node, summary]] : [])))
  }
}

/** The answer, or undefined when it takes longer than `patience`. */
function inTime({ answer }: Asked, clock: Clock, patience: number): Promise<StatsSummary | undefined> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(patience, () => resolve(undefined))
    answer.finally(() => timer.cancel()).then(resolve, reject)
  })
}
