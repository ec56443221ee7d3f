import type Docker from 'dockerode'
import { existsSync, readFileSync } from 'node:fs'
import { freeSpaceOf, type FreeSpace } from '../free-space.ts'
import { UserError } from '../user-error.ts'

/** Bytes that three nodes with a few images need; less is refused before anything is made. */
const DISK_NEEDED = 3 * 2 ** 30

/** Refuses early when the engine's disk cannot hold a cluster. Skipped where the engine's disk is not ours to see (Docker Desktop). */
export async function checkDisk(docker: Docker, freeSpace: FreeSpace = freeSpaceOf): Promise<void> {
  const { DockerRootDir: root } = (await docker.info()) as { DockerRootDir?: string }
  const free = root ? await freeSpace(root) : undefined
  if (free !== undefined && free < DISK_NEEDED) {
    throw new UserError(
      `Too little disk: ${gibibytes(free)} GiB free in ${root}, and nodes need ${gibibytes(DISK_NEEDED)} GiB.`,
      'Free some space (docker system prune removes unused images and containers) and repeat.',
    )
  }
}

/** Bytes that a node takes before its first pod: its engine, its agent and what they start. */
const NODE_MEMORY = 256 * 2 ** 20

/** Bytes of memory that nodes may still take, or undefined where that cannot be known. */
export async function memoryFor(docker: Docker): Promise<number | undefined> {
  const { DockerRootDir: root, MemTotal: total } = (await docker.info()) as {
    DockerRootDir?: string
    MemTotal?: number
  }
  // An engine on this machine shares its memory; that of a virtual machine has what it was given.
  const isHere = process.platform === 'linux' && root !== undefined && existsSync(root)
  return isHere ? availableMemory(readFileSync('/proc/meminfo', 'utf8')) : total
}

/** Bytes in `MemAvailable` (kernel.org, "The /proc Filesystem: meminfo"). */
export function availableMemory(meminfo: string): number | undefined {
  const kibibytes = /^MemAvailable:\s+(\d+) kB/m.exec(meminfo)?.[1]
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
}

/** How many nodes so much memory holds. */
export const nodesThatFit = (free: number): number => Math.floor(free / NODE_MEMORY)

/** Refuses early when there is no memory for so many more nodes. `free` is asked of the engine unless given, in bytes. */
export async function checkMemory(docker: Docker, nodes: number, free?: number): Promise<void> {
  const bytes = free ?? (await memoryFor(docker))
  if (bytes === undefined || nodes <= nodesThatFit(bytes)) return
  const most = nodesThatFit(bytes)
  throw new UserError(
    `Too little memory: ${nodes} more nodes need ${gibibytes(nodes * NODE_MEMORY)} GiB, and ${gibibytes(bytes)} GiB are free.`,
    most > 0 ? `Make at most ${most}, or end other programs and repeat.` : 'End other programs and repeat.',
  )
}

/** Refuses early when the machine has no room for so many more nodes. */
export async function checkRoom(docker: Docker, nodes: number, freeSpace?: FreeSpace): Promise<void> {
  await checkDisk(docker, freeSpace)
  await checkMemory(docker, nodes)
}

const gibibytes = (bytes: number): string => (bytes / 2 ** 30).toFixed(1)
