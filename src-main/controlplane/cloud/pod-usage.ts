import type { Pod } from '#types/core/v1'
import type { StatsSummary } from '../../../src-wire/node/stats-summary.ts'
import type { NodeSummaries } from './node-summaries.ts'

/** Thousandths of a CPU, and of a byte. */
interface Used {
  cpu: number
  memory: number
}

/** By container name. */
type PodUsed = ReadonlyMap<string, Used>

/** Measures pods by what their nodes tell of them; pods of nodes that do not answer are left out. */
export function podUsage(summaries: NodeSummaries): (pods: readonly Pod[]) => Promise<ReadonlyMap<string, PodUsed>> {
  return async (pods) => {
    const answers = await summaries(pods.map(({ spec }) => spec.nodeName ?? '').filter((node) => node !== ''))
    return new Map([...answers.values()].flatMap((answer) => [...usedOf(answer)]))
  }
}

function usedOf({ pods = [] }: StatsSummary): Map<string, PodUsed> {
  return new Map(
    pods.map(({ podRef, containers = [] }) => [
      podRef.uid,
      new Map(
        containers.map(({ name, cpu, memory }) => [
          name,
          { cpu: Math.round((cpu?.usageNanoCores ?? 0) / 1e6), memory: (memory?.workingSetBytes ?? 0) * 1000 },
        ]),
      ),
    ]),
  )
}
