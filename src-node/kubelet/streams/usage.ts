import type Dockerode from 'dockerode'
import type { Host } from '../../host/index.ts'
import { LABEL, SANDBOX } from '../plan/naming.ts'
import { linkOf } from '../runtime/pod-network.ts'

/** What a container has used, as the engine counts it. */
export interface Used {
  /** Nanoseconds of processor time since it started. */
  cpu: number
  /** Nanoseconds a second just now; 0 where only one sample was taken. */
  rate: number
  /** Bytes, with caches of files. */
  memory: number
  /** Bytes without the caches that the kernel may drop at once. */
  workingSet: number
  /** Bytes that no file stands behind. */
  rss: number
  pageFaults: number
  majorPageFaults: number
}

/** What an interface of a pod has carried, in bytes and errors. */
export interface Carried {
  name: string
  rxBytes: number
  rxErrors: number
  txBytes: number
  txErrors: number
}

export interface MeasuredContainer extends Used {
  pod: { name: string; namespace: string; uid: string }
  /** Of the pod's container; undefined for its sandbox. */
  name: string | undefined
  /** Milliseconds since the epoch. */
  createdAt: number
  /** Bytes that it may use; the machine's own where nothing limits it. */
  limit: number
  /** Of the sandbox: what its network has carried. */
  carried: Carried[]
}

export interface UsageSources {
  docker: Dockerode
  host: Pick<Host, 'readFile'>
}

/**
 * What the containers of pods that run here use. Two samples a second apart give rates; `once` asks for one and answers at once.
 * Containers that end meanwhile are left out.
 */
export async function measureContainers(
  { docker, host }: UsageSources,
  { once }: { once: boolean },
): Promise<MeasuredContainer[]> {
  const containers = await docker.listContainers({ filters: { label: [LABEL.uid] } })
  const links = carriedByLinks(await host.readFile('/proc/net/dev'))
  const measured = await Promise.all(
    containers.map(async ({ Id, Labels, Created }) => {
      const stats = await statsOf(docker, Id, once)
      const name = Labels[LABEL.container]
      return (
        stats && {
          ...usedOf(stats),
          pod: {
            name: Labels[LABEL.pod] ?? '',
            namespace: Labels[LABEL.namespace] ?? '',
            uid: Labels[LABEL.uid] ?? '',
          },
          name: name === SANDBOX ? undefined : name,
          createdAt: Created * 1000,
          limit: stats.memory_stats.limit ?? 0,
          carried: (name === SANDBOX && links.get(linkOf(Id))) || [],
        }
      )
    }),
  )
  return measured.filter((one) => one !== undefined)
}

async function statsOf(docker: Dockerode, id: string, once: boolean): Promise<Dockerode.ContainerStats | undefined> {
  try {
    return await docker.getContainer(id).stats({ stream: false, ...(once ? { 'one-shot': true } : {}) })
  } catch (error) {
    // It has gone, or is about to, since the list.
    const { statusCode } = error as { statusCode?: number }
    if (statusCode === 404 || statusCode === 409) return undefined
    throw error
  }
}

function usedOf(stats: Dockerode.ContainerStats): Used {
  const { cpu_stats: cpu, precpu_stats: before, memory_stats: memory, read, preread } = stats
  const seconds = (Date.parse(read) - Date.parse(preread)) / 1000
  const total = cpu.cpu_usage.total_usage
  // Without a first sample its time is the year 1.
  const rate = seconds > 0 && seconds < 60 ? Math.max(0, (total - before.cpu_usage.total_usage) / seconds) : 0
  // The first version of control groups counts those below a group apart.
  const inactive = memory.stats?.total_inactive_file ?? memory.stats?.inactive_file ?? 0
  const bytes = memory.usage ?? 0
  return {
    cpu: total,
    rate,
    memory: bytes,
    workingSet: Math.max(0, bytes - inactive),
    ...pagesOf(memory.stats as Partial<Record<string, number>> | undefined),
  }
}

/** The two versions of control groups count under different names. */
function pagesOf(counts: Partial<Record<string, number>> = {}): Pick<Used, 'rss' | 'pageFaults' | 'majorPageFaults'> {
  return {
    rss: counts['total_rss'] ?? counts['anon'] ?? 0,
    pageFaults: counts['total_pgfault'] ?? counts['pgfault'] ?? 0,
    majorPageFaults: counts['total_pgmajfault'] ?? counts['pgmajfault'] ?? 0,
  }
}

/** What pods have carried, by the name of the node's end of their link (`/proc/net/dev`, proc(5)): what that sent, the pod received. */
function carriedByLinks(table: string): Map<string, Carried[]> {
  return new Map(
    table.split('\n').flatMap((line) => {
      const [, link, counts] = /^\s*(veth\w+):\s*(.*)$/.exec(line) ?? []
      if (!link || !counts) return []
      const [txBytes = 0, , txErrors = 0, , , , , , rxBytes = 0, , rxErrors = 0] = counts.split(/\s+/).map(Number)
      return [[link, [{ name: 'eth0', rxBytes, rxErrors, txBytes, txErrors }]]]
    }),
  )
}
