import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import type { DataDirectory } from './data-directory.ts'
import { etcdFlags, type EtcdWish } from './etcd-settings.ts'
import { networkFlags, type NetworkWish } from './network-modes.ts'
import type { StepProgress } from './steps/recipe.ts'
import { UserError } from './user-error.ts'

/** What the hosting process tells the one that started it, until the cluster is up. */
export type HostMessage =
  | { type: 'plan'; titles: string[] }
  | { type: 'step'; step: Omit<StepProgress, 'error'> }
  | { type: 'log'; line: string }
  | { type: 'up'; result: UpResult }
  | { type: 'failed'; message: string; remedy?: string | undefined }

/** What the starter tells the host: undo what was made, and end. */
export interface HostOrder {
  type: 'cancel'
}

/** A cluster that is up, as `drydock up` tells of it. */
export interface UpResult {
  cluster: string
  server: string
  kubeconfig: string
  app: string | undefined
  pid: number
  /** Seconds. */
  elapsed: number
}

/** How the command line is run: a program, and the words before the verb. */
export interface HostProgram {
  command: string
  args: readonly string[]
  env?: Readonly<Record<string, string>>
}

/** How a process that outlives its caller is to bring a cluster up. */
export interface DetachedOptions {
  program: HostProgram
  name: string
  directory: DataDirectory
  /** Given on when it was chosen with --data. */
  data?: string | undefined
  nodes?: number | string | undefined
  port?: number | string | undefined
  network?: NetworkWish | undefined
  etcd?: EtcdWish | undefined
  plan?: ((titles: string[]) => void) | undefined
  progress?: ((step: StepProgress) => void) | undefined
  log?: ((line: string) => void) | undefined
  /** Aborted, the host undoes what it made; the reason is thrown when it has. */
  signal?: AbortSignal | undefined
}

/** Starts the host of a cluster as a process of its own, which outlives this one, and returns when the cluster is up. */
export async function startDetached(options: DetachedOptions): Promise<UpResult> {
  const { directory } = options
  const folder = !existsSync(directory.path)
  const logs = !existsSync(directory.file('logs'))
  directory.create()
  mkdirSync(directory.file('logs'), { recursive: true, mode: 0o700 })
  const file = directory.file('logs', 'host.log')
  const log = openSync(file, 'a', 0o600)
  try {
    return await untilUp(spawnHost(options, log), file, options)
  } catch (error) {
    // What was made for the log alone goes with a cluster that never came to be.
    if (!directory.exists && logs) rmSync(directory.file('logs'), { recursive: true, force: true })
    if (!directory.exists && folder && existsSync(directory.path) && readdirSync(directory.path).length === 0)
      rmdirSync(directory.path)
    throw error
  } finally {
    closeSync(log)
  }
}

/**
 * What a host is told of its memory: the C library gives large buffers back to the system when they are freed, instead of learning to keep them
 * (mallopt(3), M_MMAP_THRESHOLD): 14 MB less at rest. Others than glibc do not read it.
 */
export const hostEnvironment = { MALLOC_MMAP_THRESHOLD_: '131072' } as const

function spawnHost({ program, name, data, nodes, port, network, etcd }: DetachedOptions, log: number): ChildProcess {
  const chosen = { data, nodes, port, ...networkFlags(network), ...etcdFlags(etcd) }
  const flags = Object.entries(chosen).flatMap(([flag, value]) =>
    value === undefined ? [] : [`--${flag}`, String(value)],
  )
  return spawn(program.command, [...program.args, 'up', '--name', name, ...flags], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
    env: { ...process.env, ...hostEnvironment, ...program.env },
  })
}

async function untilUp(child: ChildProcess, file: string, options: DetachedOptions): Promise<UpResult> {
  const { plan, progress, log, signal } = options
  // A signal of the system would end it at once where there are none (Windows): it is asked to.
  const cancel = (): void => void child.send({ type: 'cancel' } satisfies HostOrder, () => undefined)
  const outcome = Promise.withResolvers<UpResult>()
  child.on('message', (message: HostMessage) => {
    if (message.type === 'plan') plan?.(message.titles)
    else if (message.type === 'step') progress?.(message.step)
    else if (message.type === 'log') log?.(message.line)
    else if (message.type === 'up') outcome.resolve(message.result)
    else outcome.reject(new UserError(message.message, message.remedy))
  })
  child.once('error', outcome.reject)
  // Of a host that failed all that it undoes is undone when it has ended.
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  child.once('exit', (code) => {
    const tail = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').slice(-5).join('\n') : ''
    outcome.reject(new UserError(`The cluster's process ended (exit ${code ?? 'by signal'}) while starting:\n${tail}`))
  })
  signal?.addEventListener('abort', cancel)
  if (signal?.aborted) cancel()
  try {
    const result = await outcome.promise
    child.disconnect()
    child.unref()
    return result
  } catch (error) {
    if (child.pid !== undefined) await ended
    throw signal?.aborted ? signal.reason : error
  } finally {
    signal?.removeEventListener('abort', cancel)
  }
}
