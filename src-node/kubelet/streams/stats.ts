import type Dockerode from 'dockerode'
import { controlGroupUsage, type Host } from '../../host/index.ts'
import { LABEL, SANDBOX } from '../plan/naming.ts'

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
  let last: { at: number; total: number } | undefined

  async function nodeUsage(): Promise<Usage> {
    const { cpu, memory, inactiveFiles } = await controlGroupUsage((path) => host.readFile(path))
    const at = performance.now()
    const cores = last && at > last.at ? ((cpu - last.total) * 1000) / (at - last.at) : 0
    last = { at, total: cpu }
    return usage(cores, cpu, memory, memory - inactiveFiles)
  }

  return async () => {
    const containers = await docker.listContainers({ filters: { label: [LABEL.uid] } })
    const [measured, node] = await Promise.all([
      Promise.all(containers.map((one) => measure(docker, one))),
      nodeUsage(),
    ])
    const pods = new Map<string, PodStats>()
    for (const { labels, created, found } of measured) {
      if (!found) continue
      const uid = labels[LABEL.uid] ?? ''
      const pod = pods.get(uid) ?? emptyPod(labels, uid, created)
      pods.set(uid, pod)
      add(pod, found)
      const name = labels[LABEL.container]
      if (name && name !== SANDBOX) pod.containers.push({ name, startTime: created, ...found })
    }
    return { node: { nodeName, ...node }, pods: [...pods.values()] }
  }
}

async function measure(docker: Dockerode, { Id, Labels, Created }: Dockerode.ContainerInfo) {
  const base = { labels: Labels, created: new Date(Created * 1000).toISOString() }
  try {
    return { ...base, found: usageOf(await docker.getContainer(Id).stats({ stream: false })) }
  } catch (error) {
    // It has gone, or is about to, since the list.
    const { statusCode } = error as { statusCode?: number }
    if (statusCode === 404 || statusCode === 409) return { ...base, found: undefined }
    throw error
  }
}

function usageOf({
  cpu_stats: cpu,
  precpu_stats: before,
  memory_stats: memory,
  read,
  preread,
}: Dockerode.ContainerStats) {
  const seconds = (Date.parse(read) - Date.parse(preread)) / 1000
  const delta = cpu.cpu_usage.total_usage - before.cpu_usage.total_usage
  const cores = seconds > 0 && seconds < 60 ? delta / seconds : 0
  // The first version of control groups counts those below a group apart.
  const inactive = memory.stats?.total_inactive_file ?? memory.stats?.inactive_file ?? 0
  const bytes = memory.usage ?? 0
  return usage(cores, cpu.cpu_usage.total_usage, bytes, bytes - inactive)
}

function usage(cores: number, total: number, bytes: number, workingSet: number): Usage {
  const time = new Date().toISOString()
  return {
    cpu: { time, usageNanoCores: Math.max(0, Math.round(cores)), usageCoreNanoSeconds: total },
    memory: { time, usageBytes: bytes, workingSetBytes: Math.max(0, workingSet) },
  }
}

function emptyPod(labels: Record<string, string>, uid: string, startTime: string): PodStats {
  const podRef = { name: labels[LABEL.pod] ?? '', namespace: labels[LABEL.namespace] ?? '', uid }
  return { podRef, startTime, containers: [], ...usage(0, 0, 0, 0) }
}

function add(pod: PodStats, { cpu, memory }: Usage): void {
  pod.cpu.usageNanoCores += cpu.usageNanoCores
  pod.cpu.usageCoreNanoSeconds += cpu.usageCoreNanoSeconds
  pod.memory.usageBytes += memory.usageBytes
  pod.memory.workingSetBytes += memory.workingSetBytes
}
