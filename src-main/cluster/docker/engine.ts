import Docker from 'dockerode'
import { existsSync } from 'node:fs'
import { UserError } from '../user-error.ts'

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

const engines = ['/usr/bin/dockerd', '/usr/sbin/dockerd', '/usr/local/bin/docker', '/Applications/Docker.app']

/** What to tell of an engine that does not answer. `host` is DOCKER_HOST; `installed` whether there is an engine on this machine. */
export function engineError(
  cause: unknown,
  host: string | undefined,
  installed = engines.some((path) => existsSync(path)),
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
