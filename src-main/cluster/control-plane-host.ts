import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import type { ControlPlaneOptions, ControlPlaneReady, OwnerMessage, ThreadMessage } from '../controlplane/protocol.ts'
import { UserError } from './user-error.ts'

/** What the thread of the control plane is started with; `log` takes its lines. */
export interface HostOptions extends ControlPlaneOptions {
  log: (line: string) => void
}

/** The control plane in its thread. */
export interface HostedControlPlane extends ControlPlaneReady {
  /** Lets requests finish, closes the store and ends the thread. */
  stop(): Promise<void>
  /** Rejects when the control plane is down for good: it crashed again and again. */
  readonly failed: Promise<never>
}

/** MiB of old space that the thread may use before V8 ends it: what bounds the control plane's memory. */
const THREAD_MEMORY = 1024
/**
 * How V8 collects garbage in the threads to come. They hold tens of megabytes for as long as they live: a first collection of all of it waits for
 * 96 MiB, not for a few. And short-lived objects are collected by the thread itself: helpers that share few cores with it cost more than they help.
 */
const collector = ['--initial-old-space-size=96', '--no-parallel-scavenge']
/** The flags are the process's, and V8 promises nothing of one that is set while threads run: they are set before the first of them, once. */
let isTuned = false
/** A crash within this many milliseconds of the start counts against the thread. */
const YOUNG = 30_000
const MOST_CRASHES = 5

/**
 * Starts the control plane in a worker thread and keeps it up: a crash restarts it alone, on the same port; a thread that keeps
 * dying young is given up. The thread's start may fail with a `UserError` (port taken, data locked by another process, …).
 */
export async function hostControlPlane(options: HostOptions): Promise<HostedControlPlane> {
  const { log, ...data } = options
  let crashes = 0
  let isStopping = false
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => log('the control plane is down'))

  let current = await startThread(data, log)
  const fixed = { ...data, port: current.ready.port, fixedPort: true }

  const watchOver = (running: Running): void => {
    const started = performance.now()
    void running.ended.then(async (reason) => {
      if (isStopping) return
      crashes = performance.now() - started < YOUNG ? crashes + 1 : 1
      log(`the control plane ended: ${reason}`)
      if (crashes > MOST_CRASHES)
        return failure.reject(new Error(`the control plane crashed ${crashes} times: ${reason}`))
      try {
        current = await startThread(fixed, log)
        log('the control plane is up again')
        watchOver(current)
      } catch (error) {
        failure.reject(error)
      }
    })
  }
  watchOver(current)

  return {
    ...current.ready,
    failed: failure.promise,
    async stop() {
      isStopping = true
      current.worker.postMessage({ type: 'stop' } satisfies OwnerMessage)
      await current.ended
    },
  }
}

interface Running {
  worker: Worker
  ready: ControlPlaneReady
  /** Resolves with the reason when the thread is gone. */
  ended: Promise<string>
}

/** Beside this module when bundled, in the sources otherwise. */
function threadModule(): URL {
  const bundled = new URL('./control-plane-thread.js', import.meta.url)
  return existsSync(fileURLToPath(bundled))
    ? bundled
    : new URL('../controlplane/control-plane-thread.ts', import.meta.url)
}

function tuneCollector(): void {
  if (isTuned) return
  isTuned = true
  for (const flag of collector) setFlagsFromString(flag)
}

function startThread(data: ControlPlaneOptions, log: (line: string) => void): Promise<Running> {
  tuneCollector()
  const worker = new Worker(threadModule(), {
    workerData: data,
    resourceLimits: { maxYoungGenerationSizeMb: 48, maxOldGenerationSizeMb: THREAD_MEMORY },
  })
  const ended = Promise.withResolvers<string>()
  const started = Promise.withResolvers<Running>()
  let crash: Error | undefined
  worker.on('message', (message: ThreadMessage) => {
    if (message.type === 'log') log(`${message.level}: ${message.message}`)
    else if (message.type === 'ready')
      started.resolve({ worker, ready: { port: message.port, admin: message.admin }, ended: ended.promise })
    else if (message.type === 'failed') started.reject(new UserError(message.message, message.remedy))
  })
  worker.on('error', (error: Error) => {
    crash = error
  })
  worker.on('exit', (code) => {
    const reason = crash ? (crash.stack ?? crash.message) : `exit code ${code}`
    started.reject(new Error(`the control plane did not start: ${reason}`, { cause: crash }))
    ended.resolve(reason)
  })
  return started.promise
}
