import { readFile } from 'node:fs/promises'
import type Dockerode from 'dockerode'

const podLabels = {
  name: 'io.kubernetes.pod.name',
  namespace: 'io.kubernetes.pod.namespace',
  uid: 'io.kubernetes.pod.uid',
  container: 'io.kubernetes.container.name',
}

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
export function createStatsSummary(docker: Dockerode, nodeName: string): () => Promise<unknown> {
  let last: { at: number; total: number } | undefined

  async function nodeUsage(): Promise<Usage> {
    const stat = await readFile('/sys/fs/cgroup/cpu.stat', 'utf8').catch(() => '')
    const total = Number(/^usage_usec (\d+)/m.exec(stat)?.[1] ?? 0) * 1000
    const memory = Number(await readFile('/sys/fs/cgroup/memory.current', 'utf8').catch(() => '0'))
    const details = await readFile('/sys/fs/cgroup/memory.stat', 'utf8').catch(() => '')
    const inactive = Number(/^inactive_file (\d+)/m.exec(details)?.[1] ?? 0)
    const at = performance.now()
    const cores = last && at > last.at ? ((total - last.total) * 1000) / (at - last.at) : 0
    last = { at, total }
    return usage(cores, total, memory, memory - inactive)
  }

  return async () => {
    const containers = await docker.listContainers({ filters: { label: [podLabels.uid] } })
    const measured = await Promise.all(containers.map((one) => measure(docker, one)))
    const pods = new Map<string, PodStats>()
    for (const { labels, created, found } of measured) {
      if (!found) continue
      const uid = labels[podLabels.uid] ?? ''
      const pod = pods.get(uid) ?? emptyPod(labels, uid, created)
      pods.set(uid, pod)
      add(pod, found)
      const name = labels[podLabels.container]
      if (name && name !== 'POD') pod.containers.push({ name, startTime: created, ...found })
    }
    return { node: { nodeName, ...(await nodeUsage()) }, pods: [...pods.values()] }
  }
}

async function measure(docker: Dockerode, { Id, Labels, Created }: Dockerode.ContainerInfo) {
  const base = { labels: Labels, created: new Date(Created * 1000).toISOString() }
  try {
    const {
      cpu_stats: cpu,
      precpu_stats: before,
      memory_stats: memory,
      read,
      preread,
    } = await docker.getContainer(Id).stats({ stream: false })
    const seconds = (Date.parse(read) - Date.parse(preread)) / 1000
    const delta = cpu.cpu_usage.total_usage - before.cpu_usage.total_usage
    const inactive = memory.stats?.inactive_file ?? 0
    const cores = seconds > 0 && seconds < 60 ? delta / seconds : 0
    return {
      ...base,
      found: usage(cores, cpu.cpu_usage.total_usage, memory.usage ?? 0, (memory.usage ?? 0) - inactive),
    }
  } catch {
    // It has gone since the list.
    return { ...base, found: undefined }
  }
}

function usage(cores: number, total: number, bytes: number, workingSet: number): Usage {
  const time = new Date().toISOString()
  return {
    cpu: { time, usageNanoCores: Math.max(0, Math.round(cores)), usageCoreNanoSeconds: total },
    memory: { time, usageBytes: bytes, workingSetBytes: Math.max(0, workingSet) },
  }
}

function emptyPod(labels: Record<string, string>, uid: string, startTime: string): PodStats {
  const podRef = { name: labels[podLabels.name] ?? '', namespace: labels[podLabels.namespace] ?? '', uid }
  return { podRef, startTime, containers: [], ...usage(0, 0, 0, 0) }
}

function add(pod: PodStats, { cpu, memory }: Usage): void {
  pod.cpu.usageNanoCores += cpu.usageNanoCores
  pod.cpu.usageCoreNanoSeconds += cpu.usageCoreNanoSeconds
  pod.memory.usageBytes += memory.usageBytes
  pod.memory.workingSetBytes += memory.workingSetBytes
}
