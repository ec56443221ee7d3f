import type { GroupPressure } from '../../host/index.ts'
import type { DiskUse, VolumeUse } from './disk-usage.ts'
import { fileSystem, type FileSystemStats, sizeStats } from './file-system-stats.ts'
import { type Carried, carriedBy } from './links.ts'
import { withPressure } from './pressure-stats.ts'
import type { Measured, MeasuredContainer, Used } from './usage.ts'

/** Processors and memory as `/stats/summary` tells them: nanoseconds and nanoseconds a second, bytes, times in RFC 3339. */
export interface Usage {
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

interface ContainerStats extends Usage {
  name: string
  startTime: string
  rootfs?: FileSystemStats
  logs?: FileSystemStats
}

interface VolumeStats extends FileSystemStats {
  name: string
  pvcRef?: { name: string; namespace: string }
}

/** What `/stats/summary` tells of a pod, under the names of its JSON. */
export interface PodStats extends Usage {
  podRef: { name: string; namespace: string; uid: string }
  startTime: string
  containers: ContainerStats[]
  network?: { time: string; interfaces: Carried[] } & Carried
  volume?: VolumeStats[]
  'ephemeral-storage'?: FileSystemStats
  process_stats?: { process_count: number }
}

/** What is told besides processors, memory and networks. */
export interface FurtherFacts {
  disk: DiskUse
  /** The file system that images, containers and volumes are on. */
  fs: FileSystemStats
  /** By id: processes and threads of containers. */
  processes: ReadonlyMap<string, number>
  /** By control group; of those that are not there nothing is told. */
  pressures: ReadonlyMap<string, GroupPressure>
}

/** The pods of `stats/summary`, put together from what they and their containers have used. Pure. */
export function podStats({ containers, pods: whole }: Measured, time: string, further?: FurtherFacts): PodStats[] {
  const pods = new Map<string, PodStats>()
  for (const [uid, one] of whole) {
    const startTime = new Date(one.createdAt).toISOString()
    const limit = Number.isFinite(one.limit) ? one.limit : 0
    const used = withPressure(usageOf(one, time, limit), further?.pressures.get(one.group ?? ''), time)
    pods.set(uid, { podRef: one.pod, startTime, containers: [], ...used })
  }
  for (const one of containers) {
    const pod = pods.get(one.pod.uid)
    if (!pod) continue
    const startTime = new Date(one.createdAt).toISOString()
    const files = further && containerFiles(one, further)
    const used = withPressure(usageOf(one, time, one.limit), further?.pressures.get(one.group), time)
    if (one.name) pod.containers.push({ name: one.name, startTime, ...used, ...files })
    const interfaces = one.carried.map(carriedBy)
    const [first] = interfaces
    if (first) pod.network = { time, ...first, interfaces }
  }
  return [...pods.values()].map((pod) => (further ? { ...pod, ...podFurther(pod, containers, further) } : pod))
}

function containerFiles({ id }: MeasuredContainer, { disk, fs }: FurtherFacts) {
  const found = disk.containers.get(id)
  if (!found) return {}
  const time = new Date(disk.at).toISOString()
  const { usedBytes: _, inodesUsed: __, ...whole } = { ...fs, time }
  return {
    rootfs: { ...whole, usedBytes: found.written },
    logs: { ...whole, usedBytes: found.logs.bytes, inodesUsed: found.logs.inodes },
  }
}

function podFurther(
  { podRef: { uid, namespace } }: PodStats,
  measured: readonly MeasuredContainer[],
  { disk, fs, processes }: FurtherFacts,
): Partial<PodStats> {
  const time = new Date(disk.at).toISOString()
  const own = measured.filter(({ pod }) => pod.uid === uid)
  const volumes = disk.volumes.get(uid) ?? []
  const ofDisk = own.flatMap(({ id }) => disk.containers.get(id) ?? [])
  const scratch = volumes.filter((volume) => volume.scratch)
  const bytes = [...ofDisk.flatMap(({ written, logs }) => [written, logs.bytes]), ...scratch.map((one) => one.bytes)]
  const inodes = [...ofDisk.map(({ logs }) => logs.inodes), ...scratch.map((one) => one.inodes)]
  return {
    ...(volumes.length > 0 ? { volume: volumes.map((volume) => volumeStats(volume, namespace, time)) } : {}),
    'ephemeral-storage': { ...fs, time, usedBytes: sum(bytes), inodesUsed: sum(inodes) },
    process_stats: { process_count: sum(own.map(({ id }) => processes.get(id) ?? 0)) },
  }
}

function volumeStats({ name, claim, disk, bytes, inodes }: VolumeUse, namespace: string, time: string): VolumeStats {
  const of = { ...fileSystem(disk, time), ...sizeStats(bytes, inodes) }
  return { ...of, name, ...(claim === undefined ? {} : { pvcRef: { name: claim, namespace } }) }
}

const sum = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0)

/** `limit` in bytes; 0 for none that is known. */
export function usageOf(used: Used, time: string, limit = 0): Usage {
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

/** Adds what another has used. */
export function add(sum: Usage, { cpu, memory }: Usage): void {
  sum.cpu.usageNanoCores += cpu.usageNanoCores
  sum.cpu.usageCoreNanoSeconds += cpu.usageCoreNanoSeconds
  for (const name of ['usageBytes', 'workingSetBytes', 'rssBytes', 'pageFaults', 'majorPageFaults'] as const)
    sum.memory[name] += memory[name]
}
