import type Dockerode from 'dockerode'
import { controlGroupUsage, type Host } from '../../host/index.ts'
import { measureContainers, type Used } from './usage.ts'

interface Usage {
  cpu: { time: string; usageNanoCores: number; usageCoreNanoSeconds: number }
  memory: { time: string; usageBytes: number; workingSetBytes: number }
}

interface PodStats extends Usage {
  podRef: { name: string; namespace: string; uid: string }
  startTime: string
  containers: Array<{ name: string; startTime: string } & Usage>
}

/** `stats/summary` of the kubelet API, from the engine's statistics of each container and the node's own control group. */
export function createStatsSummary(
  docker: Dockerode,
  host: Pick<Host, 'readFile'>,
  nodeName: string,
): () => Promise<unknown> {
  let last: { at: number; cpu: number } | undefined

  async function nodeUsage(): Promise<Used> {
    const { cpu, memory, inactiveFiles } = await controlGroupUsage((path) => host.readFile(path))
    const at = performance.now()
    const rate = last && at > last.at ? ((cpu - last.cpu) * 1000) / (at - last.at) : 0
    last = { at, cpu }
    return { cpu, rate, memory, workingSet: memory - inactiveFiles }
  }

  return async () => {
    const [measured, node] = await Promise.all([measureContainers(docker, { once: false }), nodeUsage()])
    const time = new Date().toISOString()
    const pods = new Map<string, PodStats>()
    for (const one of measured) {
      const startTime = new Date(one.createdAt).toISOString()
      const used = usageOf(one, time)
      const pod = pods.get(one.pod.uid) ?? { podRef: one.pod, startTime, containers: [], ...usageOf(NOTHING, time) }
      pods.set(one.pod.uid, pod)
      add(pod, used)
      if (one.name) pod.containers.push({ name: one.name, startTime, ...used })
    }
    return { node: { nodeName, ...usageOf(node, time) }, pods: [...pods.values()] }
  }
}

const NOTHING: Used = { cpu: 0, rate: 0, memory: 0, workingSet: 0 }

function usageOf({ cpu, rate, memory, workingSet }: Used, time: string): Usage {
  return {
    cpu: { time, usageNanoCores: Math.max(0, Math.round(rate)), usageCoreNanoSeconds: cpu },
    memory: { time, usageBytes: memory, workingSetBytes: Math.max(0, workingSet) },
  }
}

function add(pod: PodStats, { cpu, memory }: Usage): void {
  pod.cpu.usageNanoCores += cpu.usageNanoCores
  pod.cpu.usageCoreNanoSeconds += cpu.usageCoreNanoSeconds
  pod.memory.usageBytes += memory.usageBytes
  pod.memory.workingSetBytes += memory.workingSetBytes
}
