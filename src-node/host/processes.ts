import { readIfThere, type Read } from './control-group.ts'

/** Processes and threads: how many there may be, and how many there are. */
export interface ProcessCounts {
  most: number
  running: number
}

const groups = ['/sys/fs/cgroup', '/sys/fs/cgroup/pids']

/**
 * What the machine (proc(5): `pid_max`, `threads-max`, the total of `loadavg`) or the node's own control group leaves room for, whichever is
 * less; undefined where neither tells.
 */
export async function processCounts(read: Read): Promise<ProcessCounts | undefined> {
  const [ids, threads, load, own] = await Promise.all([
    numberIn(read, '/proc/sys/kernel/pid_max'),
    numberIn(read, '/proc/sys/kernel/threads-max'),
    readIfThere(read, '/proc/loadavg'),
    ownCounts(read),
  ])
  const most = Math.min(ids ?? Infinity, threads ?? Infinity)
  const running = Number(/\d\/(\d+) /.exec(load ?? '')?.[1] ?? NaN)
  const machine = Number.isFinite(most) && Number.isFinite(running) ? { most, running } : undefined
  if (!machine || !own) return machine ?? own
  return own.most - own.running < machine.most - machine.running ? own : machine
}

/** How many processes and threads a group below the node's own has; undefined when it is gone. */
export async function groupProcesses(read: Read, group: string): Promise<number | undefined> {
  for (const root of groups) {
    const count = await numberIn(read, `${root}${group}/pids.current`)
    if (count !== undefined) return count
  }
  return undefined
}

async function ownCounts(read: Read): Promise<ProcessCounts | undefined> {
  for (const root of groups) {
    const [most, running] = await Promise.all([
      numberIn(read, `${root}/pids.max`),
      numberIn(read, `${root}/pids.current`),
    ])
    if (most !== undefined && running !== undefined) return { most, running }
  }
  return undefined
}

/** Undefined where there is no such file or no number in it (`max`). */
async function numberIn(read: Read, path: string): Promise<number | undefined> {
  const text = (await readIfThere(read, path))?.trim() ?? ''
  return /^\d+$/.test(text) ? Number(text) : undefined
}
