import type Dockerode from 'dockerode'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import { controlGroupUsage, type Host, type ProcessCounts, processCounts } from '../../host/index.ts'
import { type Carried, measureContainers, type Used } from './usage.ts'

interface Usage {
  cpu: { time: string; usageNanoCores: number; usageCoreNanoSeconds: number }
  memory: {
    time: string
    availableBytes?: number
    usageBytes: number
    workingSetBytes: number
    rssBytes: number
    pageFaults: number
    majorPageFaults: number
  }
}

interface PodStats extends Usage {
  podRef: { name: string; namespace: string; uid: string }
  startTime: string
  containers: Array<{ name: string; startTime: string } & Usage>
  network?: { time: string; interfaces: Carried[] } & Carried
}

type StatsHost = Pick<Host, 'readFile' | 'disk' | 'facts'>

/** The disk that images, containers and volumes are on. */
const DISK = '/var/lib/docker'

/**
 * `stats/summary` of the kubelet API (kubernetes.io, "Node metrics data"), from the engine's statistics of each container, the node's
 * own control group and its disk.
 */
export function createStatsSummary(
  docker: Dockerode,
  host: StatsHost,
  nodeName: string,
  clock: Clock,
): () => Promise<unknown> {
  return async () => {
    const [measured, node, disk, { memory }, processes] = await Promise.all([
      measureContainers({ docker, host }, clock),
      nodeUsage(host, clock),
      host.disk(DISK),
      host.facts(),
      processCounts((path) => host.readFile(path)),
    ])
    const time = new Date(clock.now()).toISOString()
    const pods = new Map<string, PodStats>()
    for (const one of measured) {
      const startTime = new Date(one.createdAt).toISOString()
      const used = usageOf(one, time, one.limit)
      const pod = pods.get(one.pod.uid) ?? { podRef: one.pod, startTime, containers: [], ...usageOf(NOTHING, time) }
      pods.set(one.pod.uid, pod)
      add(pod, used)
      if (one.name) pod.containers.push({ name: one.name, startTime, ...used })
      const [first] = one.carried
      if (first) pod.network = { time, ...first, interfaces: one.carried }
    }
    const fs = { time, ...fileSystem(disk) }
    const whole = {
      nodeName,
      ...usageOf(node, time, memory),
      fs,
      runtime: { imageFs: fs, containerFs: fs },
      ...rlimitOf(processes, time),
    }
    return { node: whole, pods: [...pods.values()] }
  }
}

const rlimitOf = (counts: ProcessCounts | undefined, time: string) =>
  counts ? { rlimit: { time, maxpid: counts.most, curproc: counts.running } } : {}

function fileSystem({ total, free, inodes }: Awaited<ReturnType<StatsHost['disk']>>) {
  const bytes = { availableBytes: free, capacityBytes: total, usedBytes: total - free }
  // Some file systems do not count them.
  if (!inodes || inodes.total === 0) return bytes
  return { ...bytes, inodesFree: inodes.free, inodes: inodes.total, inodesUsed: inodes.total - inodes.free }
}

/** Milliseconds between two samples: as many as the engine leaves between those of a container. */
const WINDOW = 1000

/** What the node uses; its rate is that of the second it takes, whoever asked before and at the same time. */
async function nodeUsage(host: StatsHost, clock: Clock): Promise<Used> {
  const sample = async () => {
    const used = await controlGroupUsage((path) => host.readFile(path))
    return { ...used, at: clock.monotonic() }
  }
  const before = await sample()
  await new Promise<void>((resolve) => clock.after(WINDOW, resolve))
  const { cpu, memory, inactiveFiles, at } = await sample()
  const rate = ((cpu - before.cpu) * 1000) / (at - before.at)
  return { ...NOTHING, cpu, rate, memory, workingSet: memory - inactiveFiles }
}

const NOTHING: Used = { cpu: 0, rate: 0, memory: 0, workingSet: 0, rss: 0, pageFaults: 0, majorPageFaults: 0 }

/** `limit` in bytes; 0 for none that is known. */
function usageOf(used: Used, time: string, limit = 0): Usage {
  const workingSetBytes = Math.max(0, used.workingSet)
  const { rss: rssBytes, pageFaults, majorPageFaults } = used
  return {
    cpu: { time, usageNanoCores: Math.max(0, Math.round(used.rate)), usageCoreNanoSeconds: used.cpu },
    memory: {
      time,
      ...(limit > 0 ? { availableBytes: Math.max(0, limit - workingSetBytes) } : {}),
      usageBytes: used.memory,
      workingSetBytes,
      rssBytes,
      pageFaults,
      majorPageFaults,
    },
  }
}

function add(pod: PodStats, { cpu, memory }: Usage): void {
  pod.cpu.usageNanoCores += cpu.usageNanoCores
  pod.cpu.usageCoreNanoSeconds += cpu.usageCoreNanoSeconds
  for (const name of ['usageBytes', 'workingSetBytes', 'rssBytes', 'pageFaults', 'majorPageFaults'] as const)
    pod.memory[name] += memory[name]
}
