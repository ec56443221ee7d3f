import type { Read } from './control-group.ts'

/** How long processes waited: nanoseconds altogether, and in percent of the last 10, 60 and 300 seconds. */
interface Share {
  total: number
  avg10: number
  avg60: number
  avg300: number
}

/** How processes of a control group waited for something: some of them, and all of them at once. */
export interface Waited {
  waiting: Share
  stalled: Share
}

/** Pressure stall information: what processes wait for (kubernetes.io, "Understanding Pressure Stall Information (PSI) Metrics"). */
export const pressureKinds = ['cpu', 'memory', 'io'] as const
/** What the kernel told of a group; absent is what it keeps no count of. */
export type GroupPressure = Partial<Record<(typeof pressureKinds)[number], Waited>>

const ROOT = '/sys/fs/cgroup'
/** A kernel of the first version of control groups has no such file; one that does not keep count, or a group that goes, has one that cannot be read. */
const untold = new Set(['ENOENT', 'ENODEV', 'EOPNOTSUPP', 'ENOTSUP'])

/** What the kernel tells of a group below the node's own; nothing where it tells of no pressure. */
export async function groupPressure(read: Read, group: string): Promise<GroupPressure> {
  const told = await Promise.all(
    pressureKinds.map(
      async (kind) => [kind, waited(await readIfTold(read, `${ROOT}${group}/${kind}.pressure`))] as const,
    ),
  )
  return Object.fromEntries(told.filter(([, found]) => found !== undefined)) as GroupPressure
}

async function readIfTold(read: Read, path: string): Promise<string | undefined> {
  try {
    return await read(path)
  } catch (error) {
    if (untold.has((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

const MICRO = 1000

function waited(text: string | undefined): Waited | undefined {
  if (text === undefined) return undefined
  const share = (which: string): Share => {
    const line = new RegExp(`^${which} .*`, 'm').exec(text)?.[0] ?? ''
    const of = (name: string): number => Number(new RegExp(`\\b${name}=([\\d.]+)`).exec(line)?.[1] ?? 0)
    return { total: of('total') * MICRO, avg10: of('avg10'), avg60: of('avg60'), avg300: of('avg300') }
  }
  return { waiting: share('some'), stalled: share('full') }
}
