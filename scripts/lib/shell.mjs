// Small helpers for the scripts. Node 20, no packages.
import { spawn, spawnSync } from 'node:child_process'
import { dirname, join, delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
export const bin = join(root, 'node_modules/.bin')
/** Environment in which `node` is the Node 24 that the project pins. */
export const environment = () => ({ ...process.env, PATH: bin + delimiter + process.env.PATH })

/** Runs and shows a command; throws with its name and exit code. */
export function run(command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: environment(), ...options })
  if (done.error?.code === 'ENOENT')
    throw new Error(`${command} is missing, or is not on the PATH. Install it (npm comes with Node.js) and repeat.`)
  if (done.error) throw new Error(`${command}: ${done.error.message}`)
  if (done.status !== 0) throw new Error(`\`${command} ${args.join(' ')}\` ended with ${done.status ?? done.signal}`)
}

/** Output of a command, or undefined when it fails or is missing. */
export function output(command, args) {
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8', env: environment() })
  return done.status === 0 ? done.stdout.trim() : undefined
}

/** What `drydock up` tells the C library of large buffers, as hosts that it detaches are told (src-main/cluster/detached-host.ts). */
const allocator = { MALLOC_MMAP_THRESHOLD_: '131072' }

/** Replaces this process as well as Node can: same terminal, same signals, same exit code. */
export function become(command, args, options = {}) {
  const env = { ...allocator, ...environment() }
  const child = spawn(command, args, { cwd: process.cwd(), stdio: 'inherit', env, ...options })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(error.message)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
}

/** Shows a step and how it ended: in a terminal also while it runs, in a log as one line. */
export async function step(title, work) {
  const started = performance.now()
  const { isTTY } = process.stderr
  if (isTTY) process.stderr.write(`• ${title} …`)
  const ended = (line) => process.stderr.write(`${isTTY ? '\r' : ''}${line}\n`)
  try {
    const note = await work()
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    ended(`✓ ${title}${note ? ` (${note})` : ''} ${seconds} s`)
  } catch (error) {
    ended(`✗ ${title}`)
    throw error
  }
}
