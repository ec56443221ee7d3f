// System packages and the Docker engine: what a fresh Debian-like machine lacks is installed when we are root there,
// and named with its remedy everywhere else.
import { spawn } from 'node:child_process'
import { existsSync, openSync } from 'node:fs'
import { connect } from 'node:net'
import { output, run } from './shell.mjs'

const onDebian = () => existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get')
const isRoot = () => process.getuid?.() === 0

/** Installs the Debian packages whose marker file is missing. `wanted`: package → a file it brings. */
export function ensurePackages(wanted) {
  const missing = Object.entries(wanted)
    .filter(([, file]) => !existsSync(file))
    .map(([name]) => name)
  if (missing.length === 0) return 'all there'
  if (process.platform !== 'linux') return undefined
  if (!onDebian() || !isRoot()) {
    throw new Error(
      `missing: ${missing.join(', ')}. Install them (Debian, Ubuntu: sudo apt-get install ${missing.join(' ')}) and repeat.`,
    )
  }
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  // Lists of other sources on the machine may be out of reach; what matters is whether the packages install.
  output('apt-get', ['update', '-qq'])
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], quiet)
  return `installed ${missing.join(', ')}`
}

const socketPath = () => (process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock').replace(/^unix:\/\//, '')

/** Whether something accepts connections where Docker listens. */
export function dockerAnswers() {
  const host = process.env.DOCKER_HOST
  if (host && !host.startsWith('unix://')) return Promise.resolve(output('docker', ['version']) !== undefined)
  return new Promise((resolve) => {
    const socket = connect(socketPath())
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/**
 * A running Docker engine. Where none is installed and we are root on Debian, Debian's is installed. An installed engine that
 * a service manager looks after is the user's to start; where there is no service manager, nobody else would, so we do.
 */
export async function ensureDocker() {
  if (process.platform !== 'linux' || (await dockerAnswers())) return 'running'
  const installedNow = !existsSync('/usr/sbin/dockerd') && !existsSync('/usr/bin/dockerd')
  if (installedNow) ensurePackages({ 'docker.io': '/usr/sbin/dockerd', iptables: '/usr/sbin/iptables' })
  if (await dockerAnswers()) return 'installed'
  const managed = existsSync('/run/systemd/system')
  if (managed && !installedNow)
    throw new Error('Docker is installed but not running. Start it (sudo systemctl start docker) and repeat.')
  if (!isRoot()) throw new Error('Docker is not running. Start it and repeat.')
  if (managed) run('systemctl', ['start', 'docker'])
  else await startEngine()
  return 'started'
}

async function startEngine() {
  const log = openSync('/var/log/dockerd.log', 'a')
  const engine = spawn('dockerd', [], { detached: true, stdio: ['ignore', log, log] })
  engine.unref()
  const deadline = performance.now() + 60_000
  let exited
  engine.once('exit', (code) => (exited = code))
  while (performance.now() < deadline && exited === undefined) {
    if (await dockerAnswers()) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(
    `dockerd did not start${exited === undefined ? ' within a minute' : ` (exit ${exited})`}; see /var/log/dockerd.log`,
  )
}
