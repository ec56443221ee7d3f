import type { Read } from './control-group.ts'

/** How long, in nanoseconds, processes of a control group waited for something: some of them, and all of them at once. */
export interface Waited {
  waiting: number
  stalled: number
}

/** Pressure stall information: what processes wait for (kubernetes.io, "Understanding Pressure Stall Information (PSI) Metrics"). */
export const PRESSURES = ['cpu', 'memory', 'io'] as const
/** What the kernel told of a group; absent is what it keeps no count of. */
export type GroupPressure = Partial<Record<(typeof PRESSURES)[number], Waited>>

const ROOT = '/sys/fs/cgroup'
/** A kernel of the first version of control groups has no such file; one that does not keep count, or a group that goes, has one that cannot be read. */
const UNTOLD = new Set(['ENOENT', 'ENODEV', 'EOPNOTSUPP', 'ENOTSUP'])

/** What the kernel tells of a group below the node's own; nothing where it tells of no pressure. */
export async function groupPressure(read: Read, group: string): Promise<GroupPressure> {
  const told = await Promise.all(
    PRESSURES.map(async (kind) => [kind, waited(await readIfTold(read, `${ROOT}${group}/${kind}.pressure`))] as const),
  )
  return Object.fromEntries(told.filter(([, found]) => found !== undefined)) as GroupPressure
}

async function readIfTold(read: Read, path: string): Promise<string | undefined> {
  try {
    return await read(path)
  } catch (error) {
    if (UNTOLD.has((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

const MICRO = 1000

function waited(text: string | undefined): Waited | undefined {
  if (text === undefined) return undefined
  const total = (which: string): number =>
    Number(new RegExp(`^${which} .*\\btotal=(\\d+)`, 'm').exec(text)?.[1] ?? 0) * MICRO
  return { waiting: total('some'), stalled: total('full') }
}
