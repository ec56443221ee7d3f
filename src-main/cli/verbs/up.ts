import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DataDirectory } from '../../cluster/data-directory.ts'
import { up as startCluster, type UpOptions } from '../../cluster/up.ts'
import type { StepProgress } from '../../cluster/steps/recipe.ts'
import { UserError } from '../../cluster/user-error.ts'
import { DRYDOCK_VERSION } from '../../cluster/version.ts'
import { combineSources, kubeconfigSource } from '../../gateway/cluster-sources.ts'
import { startGateway } from '../../gateway/index.ts'
import { OwnCluster } from '../../gateway/own-cluster.ts'
import type { Output } from '../output.ts'
import type { Flags, Verb } from '../verb.ts'

/** What the hosting process tells the one that started it with --detach. */
type HostMessage =
  | { type: 'step'; line: string }
  | { type: 'up'; result: UpResult }
  | { type: 'failed'; message: string; remedy?: string | undefined }

interface UpResult {
  cluster: string
  server: string
  kubeconfig: string
  app: string | undefined
  pid: number
  /** Seconds. */
  elapsed: number
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export const up: Verb = {
  usage: 'up [--nodes N] [--port P] [--detach]',
  summary: 'Create the cluster, or start it again; --detach leaves it running in the background',
  flags: ['nodes', 'port', 'detach'],
  async run(_args, flags, output) {
    if (flags.detach) return detach(flags, output)
    const result = await host(flags, output)
    const tell = process.send?.bind(process)
    if (tell) tell({ type: 'up', result } satisfies HostMessage)
    else report(result, output)
  },
}

function report(result: UpResult, output: Output): void {
  output.result(result, [
    '',
    `Cluster ${result.cluster} is up after ${result.elapsed.toFixed(1)} s.`,
    `  API server  ${result.server}`,
    `  kubectl     export KUBECONFIG=${result.kubeconfig}`,
    ...(result.app ? [`  app         ${result.app}`] : []),
  ])
}

function optionsOf(flags: Flags): UpOptions {
  const number = (text: string | undefined, name: string, least: number, most: number): number | undefined => {
    if (text === undefined) return undefined
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new UserError(
        `--${name} takes a whole number from ${least} to ${most}, not "${text}".`,
        `For example --${name} ${name === 'nodes' ? 3 : 6443}.`,
      )
    return value
  }
  return {
    name: flags.name,
    data: flags.data,
    nodes: number(flags.nodes, 'nodes', 0, 50),
    port: number(flags.port, 'port', 1, 65535),
  }
}

/** Hosts the cluster in this process until a signal ends it. */
async function host(flags: Flags, output: Output): Promise<UpResult> {
  const started = performance.now()
  const interrupted = new AbortController()
  const interrupt = (): void =>
    interrupted.abort(new UserError('Interrupted: what was made until then is undone.', 'Run `drydock up` again.'))
  // Once each: a second Ctrl-C ends the process as it stands, should the engine never answer.
  for (const signal of SIGNALS) process.once(signal, interrupt)
  const options: UpOptions = {
    ...optionsOf(flags),
    signal: interrupted.signal,
    progress: (progress) => tellStep(progress, output),
    log: (line) => output.note(line),
  }
  const running = await startCluster(options)
  const own = new OwnCluster(running, { ...options, signal: undefined })
  const keepRecord = (app: string | undefined): void => {
    const { directory, server, provider } = own.running ?? running
    directory.saveHost({ pid: process.pid, server, ...(provider ? {} : { alone: true }), ...(app ? { app } : {}) })
  }
  // A link opens the app once: when it was used, `drydock status` shows the next one.
  const gateway = await serveApp(own, output, keepRecord)
  keepRecord(gateway?.issueUrl())
  // A cluster that the app stopped and started has a record anew.
  own.subscribe(() => {
    if (own.running) keepRecord(gateway?.issueUrl())
  })
  for (const signal of SIGNALS) process.off(signal, interrupt)
  const end = endWith(async () => {
    await gateway?.stop()
    await own.running?.stop()
  })
  // One that came while the app's server started found nothing to undo any more.
  if (interrupted.signal.aborted) end(0)
  running.failed.catch((error: unknown) => {
    output.note(`the cluster cannot go on: ${String(error)}`)
    end(1)
  })
  return {
    cluster: running.name,
    server: running.server,
    kubeconfig: running.kubeconfig,
    app: gateway?.url,
    pid: process.pid,
    elapsed: (performance.now() - started) / 1000,
  }
}

/** Tells of a step here, and to the process that waits for this one. */
function tellStep(progress: StepProgress, output: Output): void {
  output.step(progress)
  const { title, state, elapsed } = progress
  if (state === 'running') return
  const line = `${state === 'done' ? '✓' : '✗'} ${title} ${(elapsed / 1000).toFixed(1)} s`
  process.send?.({ type: 'step', line } satisfies HostMessage)
}

/** Ends the process once, by a signal or by the answer. */
function endWith(stop: () => Promise<void>): (code: number) => void {
  let ending = false
  const end = async (code: number): Promise<void> => {
    if (ending) return
    ending = true
    await stop()
    process.exit(code)
  }
  for (const signal of SIGNALS) process.on(signal, () => void end(0))
  return (code) => void end(code)
}

/** The app in a browser; without a built renderer the cluster runs without it. */
async function serveApp(own: OwnCluster, output: Output, onSignIn: (next: string) => void) {
  const rendererDirectory = fileURLToPath(new URL('../renderer', import.meta.url))
  const directory = existsSync(rendererDirectory)
    ? rendererDirectory
    : fileURLToPath(new URL('../../../out/renderer', import.meta.url))
  if (!existsSync(join(directory, 'index.html'))) {
    output.note('the app is not built; run `npm run build` to have it')
    return undefined
  }
  const log = (line: string): void => output.note(line)
  // Our own cluster may have been merged into it.
  const others = await kubeconfigSource({ skip: (context) => context.connection?.server === own.running?.server, log })
  return startGateway({
    clusters: combineSources([own, others]),
    rendererDirectory: directory,
    version: DRYDOCK_VERSION,
    onSignIn,
    log,
  })
}

/** Starts the host as a process of its own and returns when the cluster is up. */
async function detach(flags: Flags, output: Output): Promise<void> {
  optionsOf(flags)
  const directory = new DataDirectory(flags.name, flags.data)
  const folder = !existsSync(directory.path)
  const logs = !existsSync(directory.file('logs'))
  directory.create()
  mkdirSync(directory.file('logs'), { recursive: true, mode: 0o700 })
  const file = directory.file('logs', 'host.log')
  const log = openSync(file, 'a', 0o600)
  try {
    report(await spawnHost(flags, log, file), output)
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

async function spawnHost(flags: Flags, log: number, file: string): Promise<UpResult> {
  const args = ['up', '--name', flags.name]
  for (const flag of ['data', 'nodes', 'port'] as const)
    if (flags[flag] !== undefined) args.push(`--${flag}`, flags[flag])
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...args], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  })
  // The host is no member of the terminal's group: Ctrl-C reaches it through us, and it undoes what it made.
  const pass = (): void => void child.kill('SIGTERM')
  for (const signal of SIGNALS) process.on(signal, pass)
  const result = await new Promise<UpResult>((resolve, reject) => {
    child.on('message', (message: HostMessage) => {
      if (message.type === 'step') process.stderr.write(`${message.line}\n`)
      else if (message.type === 'up') resolve(message.result)
      else reject(new UserError(message.message, message.remedy))
    })
    child.once('error', reject)
    child.once('exit', (code) => {
      const tail = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').slice(-5).join('\n') : ''
      reject(new UserError(`The cluster's process ended (exit ${code ?? 'by signal'}) while starting:\n${tail}`))
    })
  })
  for (const signal of SIGNALS) process.off(signal, pass)
  child.disconnect()
  child.unref()
  return result
}

/** For the entry: passes a failure to the process that waits for this one. */
export function tellFailure(error: UserError): void {
  process.send?.({ type: 'failed', message: error.message, remedy: error.remedy } satisfies HostMessage)
}
