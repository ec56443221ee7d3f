import { readIfThere, type Read } from './control-group.ts'

/** What a control group tells besides what its processes use: times in nanoseconds, sizes in bytes. */
export interface ControlGroupDetails {
  user: number
  system: number
  /** Periods of its quota of processor time, those in which it was throttled, and for how long altogether. */
  periods: number
  throttledPeriods: number
  throttled: number
  cache: number
  swap: number
  mapped: number
  /** The most memory that it has used. */
  peak: number
  /** Processes that were ended for want of memory. */
  oomKills: number
  readBytes: number
  writtenBytes: number
  reads: number
  writes: number
}

const ROOT = '/sys/fs/cgroup'
const TICK = 1e9 / 100

/** What is told of a group below the node's own; undefined when it is gone. */
export async function groupDetails(read: Read, group: string): Promise<ControlGroupDetails | undefined> {
  return (await secondVersion(read, group)) ?? (await firstVersion(read, group))
}

async function texts<K extends string>(read: Read, files: Record<K, string>): Promise<Record<K, string>> {
  const entries = Object.entries<string>(files).map(async ([name, path]) => [
    name,
    (await readIfThere(read, path)) ?? '',
  ])
  return Object.fromEntries(await Promise.all(entries)) as Record<K, string>
}

/** The number behind a name at the start of a line, or alone; 0 where there is none. */
function counted(text: string, name?: string): number {
  const found = name === undefined ? /^(\d+)/.exec(text) : new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(text)
  return Number(found?.[1] ?? 0)
}

const summed = (text: string, pattern: RegExp): number =>
  [...text.matchAll(pattern)].reduce((sum, [, number]) => sum + Number(number), 0)

async function secondVersion(read: Read, group: string): Promise<ControlGroupDetails | undefined> {
  const at = `${ROOT}${group}`
  const cpu = await readIfThere(read, `${at}/cpu.stat`)
  if (cpu === undefined) return undefined
  const { memory, swap, peak, events, io } = await texts(read, {
    memory: `${at}/memory.stat`,
    swap: `${at}/memory.swap.current`,
    peak: `${at}/memory.peak`,
    events: `${at}/memory.events`,
    io: `${at}/io.stat`,
  })
  return {
    user: counted(cpu, 'user_usec') * 1000,
    system: counted(cpu, 'system_usec') * 1000,
    periods: counted(cpu, 'nr_periods'),
    throttledPeriods: counted(cpu, 'nr_throttled'),
    throttled: counted(cpu, 'throttled_usec') * 1000,
    cache: counted(memory, 'file'),
    swap: counted(swap),
    mapped: counted(memory, 'file_mapped'),
    peak: counted(peak),
    oomKills: counted(events, 'oom_kill'),
    readBytes: summed(io, /\brbytes=(\d+)/g),
    writtenBytes: summed(io, /\bwbytes=(\d+)/g),
    reads: summed(io, /\brios=(\d+)/g),
    writes: summed(io, /\bwios=(\d+)/g),
  }
}

async function firstVersion(read: Read, group: string): Promise<ControlGroupDetails | undefined> {
  const { cpu, times, memory, peak, oom, bytes, operations } = await texts(read, {
    cpu: `${ROOT}/cpu${group}/cpu.stat`,
    times: `${ROOT}/cpuacct${group}/cpuacct.stat`,
    memory: `${ROOT}/memory${group}/memory.stat`,
    peak: `${ROOT}/memory${group}/memory.max_usage_in_bytes`,
    oom: `${ROOT}/memory${group}/memory.oom_control`,
    bytes: `${ROOT}/blkio${group}/blkio.throttle.io_service_bytes`,
    operations: `${ROOT}/blkio${group}/blkio.throttle.io_serviced`,
  })
  if (memory === '') return undefined
  return {
    user: counted(times, 'user') * TICK,
    system: counted(times, 'system') * TICK,
    periods: counted(cpu, 'nr_periods'),
    throttledPeriods: counted(cpu, 'nr_throttled'),
    throttled: counted(cpu, 'throttled_time'),
    cache: counted(memory, 'total_cache'),
    swap: counted(memory, 'total_swap'),
    mapped: counted(memory, 'total_mapped_file'),
    peak: counted(peak),
    oomKills: counted(oom, 'oom_kill'),
    readBytes: summed(bytes, /\bRead (\d+)/g),
    writtenBytes: summed(bytes, /\bWrite (\d+)/g),
    reads: summed(operations, /\bRead (\d+)/g),
    writes: summed(operations, /\bWrite (\d+)/g),
  }
}
