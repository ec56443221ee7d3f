import type { Pod } from '#types/core/v1'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import type { NodeTunnels } from '../../../src-wire/node/node-connection.ts'

/** Thousandths of a CPU, and of a byte. */
interface Used {
  cpu: number
  memory: number
}

/** By container name. */
type PodUsed = ReadonlyMap<string, Used>

/** What is read of the kubelet's `stats/summary`. */
interface Summary {
  pods?: Array<{
    podRef: { uid: string }
    containers?: Array<{
      name: string
      cpu?: { usageNanoCores?: number }
      memory?: { workingSetBytes?: number }
    }>
  }>
}

const fresh = 10_000

/**
 * Measures pods by asking the kubelets of their nodes, each at most once in ten seconds however many ask. Pods of nodes that do not answer
 * are left out; why is told to `log`.
 */
export function podUsage(
  tunnels: Pick<NodeTunnels, 'get' | 'has'>,
  clock: Pick<Clock, 'monotonic'>,
  log: (message: string, error: unknown) => void,
): (pods: readonly Pod[]) => Promise<ReadonlyMap<string, PodUsed>> {
  const known = new Map<string, { at: number; answer: Promise<ReadonlyMap<string, PodUsed>> }>()
  const ask = async (node: string): Promise<ReadonlyMap<string, PodUsed>> => {
    try {
      return usedOf((await tunnels.get(node).statsSummary()) as Summary)
    } catch (error) {
      log(`measuring pods of node ${node}`, error)
      return new Map()
    }
  }
  const ofNode = (node: string): Promise<ReadonlyMap<string, PodUsed>> => {
    const last = known.get(node)
    if (last && clock.monotonic() - last.at < fresh) return last.answer
    const answer = ask(node)
    known.set(node, { at: clock.monotonic(), answer })
    return answer
  }
  return async (pods) => {
    const nodes = new Set(pods.map(({ spec }) => spec.nodeName ?? '').filter((node) => node && tunnels.has(node)))
    for (const node of known.keys()) if (!tunnels.has(node)) known.delete(node)
    const answers = await Promise.all([...nodes].map(ofNode))
    return new Map(answers.flatMap((answer) => [...answer]))
  }
}

function usedOf({ pods = [] }: Summary): Map<string, PodUsed> {
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
