import Docker from 'dockerode'
import { statfs } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { UserError } from '../user-error.ts'

/** Bytes that three nodes with a few images need; less is refused before anything is made. */
const DISK_NEEDED = 3 * 2 ** 30

/** The desktop's Docker engine, at DOCKER_HOST or its usual socket. Says clearly when there is none. */
export async function connectEngine(options: { docker?: Docker } = {}): Promise<Docker> {
  const docker = options.docker ?? new Docker()
  try {
    await docker.ping()
  } catch (cause) {
    throw engineError(cause)
  }
  return docker
}

function engineError(cause: unknown): UserError {
  const code = (cause as { code?: string }).code
  if (code === 'EACCES') {
    return new UserError(
      'Docker is running, but this user may not use it.',
      'Add the user to the group "docker" (sudo usermod -aG docker $USER), log in again and repeat.',
      { cause },
    )
  }
  const installed = ['/usr/bin/dockerd', '/usr/sbin/dockerd', '/usr/local/bin/docker', '/Applications/Docker.app'].some(
    (p) => existsSync(p),
  )
  if (code === 'ENOENT' && !installed) {
    return new UserError(
      'Docker is not installed.',
      'Install Docker Desktop, or Docker Engine (Debian, Ubuntu: sudo apt-get install docker.io), and repeat.',
      { cause },
    )
  }
  if (code === 'ENOENT' || code === 'ECONNREFUSED') {
    return new UserError(
      'Docker is installed but not running.',
      'Start it (Linux: sudo systemctl start docker; macOS and Windows: open Docker Desktop) and repeat.',
      { cause },
    )
  }
  return new UserError(`Docker does not answer: ${(cause as Error).message}`, 'Check that `docker info` works.', {
    cause,
  })
}

/** Refuses early when the engine's disk cannot hold a cluster. Skipped where the engine's disk is not ours to see (Docker Desktop). */
export async function checkDisk(docker: Docker): Promise<void> {
  const info = (await docker.info()) as { DockerRootDir?: string }
  const root = info.DockerRootDir
  if (!root || !existsSync(root)) return
  const { bavail, bsize } = await statfs(root)
  const free = bavail * bsize
  if (free < DISK_NEEDED) {
    throw new UserError(
      `Too little disk: ${gibibytes(free)} GiB free in ${root}, and a cluster needs ${gibibytes(DISK_NEEDED)} GiB.`,
      'Free some space (docker system prune removes unused images and containers) and repeat.',
    )
  }
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
