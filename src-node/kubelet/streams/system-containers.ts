import { type Host, readIfThere } from '../../host/index.ts'

/** What processes have used that are no pod's. */
export interface ProcessUse {
  /** Nanoseconds of processor time since they started. */
  cpu: number
  /** Bytes that are in memory. */
  rss: number
  /** Milliseconds since the epoch, of the oldest. */
  startedAt: number
}

/** Ticks of a second in `/proc/<pid>/stat`, on every architecture. */
const TICKS = 100
const PAGE = 4096
const NANO = 1e9

type SystemHost = Pick<Host, 'run' | 'readFile'>

/** The node's engine and whatever it keeps beside containers: both daemons and the shims. */
export async function engineProcesses(host: SystemHost): Promise<ProcessUse | undefined> {
  // It ends with 1 when there is none.
  const { stdout } = await host.run('sh', ['-c', "pgrep '^(dockerd|containerd|containerd-shim.*)$' || true"])
  return processUse(host, stdout.split('\n').filter(Boolean))
}

/** What processes have used together, without those that have gone; undefined when none is left. */
export async function processUse(
  { readFile }: Pick<Host, 'readFile'>,
  ids: readonly string[],
): Promise<ProcessUse | undefined> {
  const boot = Number(/^btime (\d+)/m.exec((await readIfThere(readFile, '/proc/stat')) ?? '')?.[1] ?? 0)
  const all = await Promise.all(ids.map((id) => readIfThere(readFile, `/proc/${id}/stat`)))
  const uses = all.flatMap((text) => (text === undefined ? [] : useOf(text, boot)))
  if (uses.length === 0) return undefined
  return {
    cpu: uses.reduce((sum, { cpu }) => sum + cpu, 0),
    rss: uses.reduce((sum, { rss }) => sum + rss, 0),
    startedAt: Math.min(...uses.map(({ startedAt }) => startedAt)),
  }
}

/** Of proc_pid_stat(5), whose second field may hold anything: fields are counted from behind it. */
function useOf(text: string, boot: number): ProcessUse {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const field = (number: number): number => Number(fields[number - 3] ?? 0)
  return {
    cpu: ((field(14) + field(15)) / TICKS) * NANO,
    rss: field(24) * PAGE,
    startedAt: (boot + field(22) / TICKS) * 1000,
  }
}
