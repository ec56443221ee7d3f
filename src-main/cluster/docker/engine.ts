import Docker from 'dockerode'
import { statfs } from 'node:fs/promises'
import { existsSync, readFileSync } from 'node:fs'
import { UserError } from '../user-error.ts'

/** Bytes that three nodes with a few images need; less is refused before anything is made. */
const DISK_NEEDED = 3 * 2 ** 30

/** The desktop's Docker engine, at DOCKER_HOST or its usual socket. Says clearly when there is none. */
export async function connectEngine(options: { docker?: Docker } = {}): Promise<Docker> {
  try {
    const docker = options.docker ?? new Docker()
    await docker.ping()
    return docker
  } catch (cause) {
    throw engineError(cause, process.env['DOCKER_HOST'])
  }
}

const ENGINES = ['/usr/bin/dockerd', '/usr/sbin/dockerd', '/usr/local/bin/docker', '/Applications/Docker.app']

/** What to tell of an engine that does not answer. `host` is DOCKER_HOST; `installed` whether there is an engine on this machine. */
export function engineError(
  cause: unknown,
  host: string | undefined,
  installed = ENGINES.some((path) => existsSync(path)),
): UserError {
  const code = (cause as { code?: string }).code
  if (code === 'EACCES' || code === 'EPERM') {
    return new UserError(
      'Docker is running, but this user may not use it.',
      'Add the user to the group "docker" (sudo usermod -aG docker $USER), log in again and repeat.',
      { cause },
    )
  }
  const away = code === 'ENOENT' || code === 'ECONNREFUSED'
  if (host && (away || code === 'ENOTFOUND' || code === 'ETIMEDOUT' || code === 'EHOSTUNREACH')) {
    return new UserError(
      `No Docker engine answers at ${host}, where DOCKER_HOST points.`,
      'Start that engine, or correct DOCKER_HOST (unset it for the engine of this machine), and repeat.',
      { cause },
    )
  }
  if (code === 'ENOENT' && !installed) {
    return new UserError(
      'Docker is not installed.',
      'Install Docker Desktop, or Docker Engine (Debian, Ubuntu: sudo apt-get install docker.io), and repeat.',
      { cause },
    )
  }
  if (away) {
    return new UserError(
      'Docker is installed but not running.',
      'Start it (Linux: sudo systemctl start docker; macOS and Windows: open Docker Desktop) and repeat.',
      { cause },
    )
  }
  const words = (cause instanceof Error ? cause.message : String(cause)).trim().replace(/\.$/, '')
  return new UserError(
    `Docker does not answer: ${words}.`,
    'Check that `docker info` works, and DOCKER_HOST if it is set.',
    {
      cause,
    },
  )
}

/** Bytes free on the disk that holds a folder; undefined where that cannot be seen. */
export type FreeSpace = (folder: string) => Promise<number | undefined>

const freeSpaceOf: FreeSpace = async (folder) => {
  if (!existsSync(folder)) return undefined
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

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

/** HTTP status of a failed engine call, if it was one. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown }).statusCode
  return typeof status === 'number' ? status : undefined
}

/** Runs a removal and accepts that there is nothing to remove. */
export async function unlessGone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal
  } catch (error) {
    if (statusOf(error) !== 404) throw error
  }
}
