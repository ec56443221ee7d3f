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
}

interface Layout {
  /** The file that tells which layout it is: only there with this one. */
  cpu: string
  cpuOf(text: string): number
  memory: string
  details: string
  inactive: RegExp
  active: RegExp
}

const ROOT = '/sys/fs/cgroup'
const v1 = (cpu: string): Layout => ({
  cpu: `${ROOT}/${cpu}/cpuacct.usage`,
  cpuOf: Number,
  memory: `${ROOT}/memory/memory.usage_in_bytes`,
  details: `${ROOT}/memory/memory.stat`,
  inactive: /^total_inactive_file (\d+)/m,
  active: /^total_active_file (\d+)/m,
})
const LAYOUTS: Layout[] = [
  {
    cpu: `${ROOT}/cpu.stat`,
    cpuOf: (text) => Number(/^usage_usec (\d+)/m.exec(text)?.[1] ?? 0) * 1000,
    memory: `${ROOT}/memory.current`,
    details: `${ROOT}/memory.stat`,
    inactive: /^inactive_file (\d+)/m,
    active: /^active_file (\d+)/m,
  },
  v1('cpu,cpuacct'),
  v1('cpuacct'),
]

/** What the node's own control group has used, whichever version of control groups the kernel has; zeros where it tells nothing. */
export async function controlGroupUsage(read: (path: string) => Promise<string>): Promise<ControlGroupUsage> {
  for (const layout of LAYOUTS) {
    const cpu = await readIfThere(read, layout.cpu)
    if (cpu === undefined) continue
    const [memory = '0', details = ''] = await Promise.all([
      readIfThere(read, layout.memory),
      readIfThere(read, layout.details),
    ])
    const counted = (what: RegExp): number => Number(what.exec(details)?.[1] ?? 0)
    const [inactiveFiles, activeFiles] = [counted(layout.inactive), counted(layout.active)]
    return { cpu: layout.cpuOf(cpu), memory: Number(memory), inactiveFiles, activeFiles }
  }
  return { cpu: 0, memory: 0, inactiveFiles: 0, activeFiles: 0 }
}

async function readIfThere(read: (path: string) => Promise<string>, path: string): Promise<string | undefined> {
  try {
    return await read(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
