/** What a control group has used. */
export interface ControlGroupUsage {
  /** Nanoseconds of all processors together, ever since it was made. */
  cpu: number
  /** Bytes, with caches of files. */
  memory: number
  /** Of those, bytes of file caches that the kernel may drop at once. */
  inactiveFiles: number
  /** And of those in use, which it drops before it runs out. */
  activeFiles: number
  /** Bytes that no file stands behind. */
  rss: number
  pageFaults: number
  majorPageFaults: number
  /** Bytes that it may use; Infinity where nothing limits it. */
  limit: number
}

type Counts = 'inactiveFiles' | 'activeFiles' | 'rss' | 'pageFaults' | 'majorPageFaults'

/** Where a version of control groups tells what, below its root; a group is `` or `/kubepods/<name>`. */
interface Layout {
  /** The file that tells which layout it is: only there with this one. */
  cpu(group: string): string
  cpuOf(text: string): number
  memory(group: string): string
  limit(group: string): string
  /** The lines of this file by what they count. */
  details(group: string): string
  counts: Record<Counts, string>
}

const ROOT = '/sys/fs/cgroup'
const v1 = (cpu: string): Layout => ({
  cpu: (group) => `${ROOT}/${cpu}${group}/cpuacct.usage`,
  cpuOf: Number,
  memory: (group) => `${ROOT}/memory${group}/memory.usage_in_bytes`,
  limit: (group) => `${ROOT}/memory${group}/memory.limit_in_bytes`,
  details: (group) => `${ROOT}/memory${group}/memory.stat`,
  counts: {
    inactiveFiles: 'total_inactive_file',
    activeFiles: 'total_active_file',
    rss: 'total_rss',
    pageFaults: 'total_pgfault',
    majorPageFaults: 'total_pgmajfault',
  },
})
const layouts: Layout[] = [
  {
    cpu: (group) => `${ROOT}${group}/cpu.stat`,
    cpuOf: (text) => Number(/^usage_usec (\d+)/m.exec(text)?.[1] ?? 0) * 1000,
    memory: (group) => `${ROOT}${group}/memory.current`,
    limit: (group) => `${ROOT}${group}/memory.max`,
    details: (group) => `${ROOT}${group}/memory.stat`,
    counts: {
      inactiveFiles: 'inactive_file',
      activeFiles: 'active_file',
      rss: 'anon',
      pageFaults: 'pgfault',
      majorPageFaults: 'pgmajfault',
    },
  },
  v1('cpu,cpuacct'),
  v1('cpuacct'),
]

const nothing: ControlGroupUsage = {
  cpu: 0,
  memory: 0,
  inactiveFiles: 0,
  activeFiles: 0,
  rss: 0,
  pageFaults: 0,
  majorPageFaults: 0,
  limit: Infinity,
}

/** Reads a file of the node's as text. */
export type Read = (path: string) => Promise<string>

/** What the node's own control group has used, whichever version of control groups the kernel has; zeros where it tells nothing. */
export async function controlGroupUsage(read: Read): Promise<ControlGroupUsage> {
  return (await groupUsage(read, '')) ?? nothing
}

/** What a group below the node's own has used, `/kubepods/burstable`; undefined when it is gone. */
export async function groupUsage(read: Read, group: string): Promise<ControlGroupUsage | undefined> {
  for (const layout of layouts) {
    const cpu = await readIfThere(read, layout.cpu(group))
    if (cpu === undefined) continue
    const [memory = '0', details = '', limit = 'max'] = await Promise.all(
      [layout.memory, layout.details, layout.limit].map((file) => readIfThere(read, file(group))),
    )
    const counted = (what: Counts): number =>
      Number(new RegExp(`^${layout.counts[what]} (\\d+)`, 'm').exec(details)?.[1] ?? 0)
    return {
      cpu: layout.cpuOf(cpu),
      memory: Number(memory),
      inactiveFiles: counted('inactiveFiles'),
      activeFiles: counted('activeFiles'),
      rss: counted('rss'),
      pageFaults: counted('pageFaults'),
      majorPageFaults: counted('majorPageFaults'),
      limit: limit.trim() === 'max' ? Infinity : Number(limit),
    }
  }
  return undefined
}

/** What files say of a control group or a process that goes while it is read: they are there and tell nothing. */
const gone = new Set(['ENOENT', 'ENODEV', 'ESRCH'])

/** What a file tells; undefined where there is none, or its control group or process has gone. */
export async function readIfThere(read: Read, path: string): Promise<string | undefined> {
  try {
    return await read(path)
  } catch (error) {
    if (gone.has((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
