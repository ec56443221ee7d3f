import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DataDirectory } from '../../cluster/data-directory.ts'
import {
  startDetached,
  type HostMessage,
  type HostOrder,
  type HostProgram,
  type UpResult,
} from '../../cluster/detached-host.ts'
import { etcdFlagNames, etcdHelp } from '../../cluster/etcd-settings.ts'
import { networkHelp } from '../../cluster/network-modes.ts'
import { up as startCluster, type UpOptions } from '../../cluster/up.ts'
import type { StepProgress } from '../../cluster/steps/recipe.ts'
import { UserError } from '../../cluster/user-error.ts'
import { DRYDOCK_VERSION } from '../../cluster/version.ts'
import { combineSources, kubeconfigSource } from '../../gateway/cluster-sources.ts'
import { MachineClusters } from '../../gateway/machine-clusters.ts'
import { startGateway, type GatewayOptions } from '../../gateway/index.ts'
import { OwnCluster } from '../../gateway/own-cluster.ts'
import { TaskBoard } from '../../gateway/tasks.ts'
import type { Output } from '../output.ts'
import type { Flags, Verb } from '../verb.ts'

/** Milliseconds that a window has to come back, as it does when it is reloaded. */
const UNWATCHED = 3_000
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export const up: Verb = {
  usage: 'up [--nodes N] [--port P] [--detach]',
  summary: 'Create the cluster, or start it again; --detach leaves it running in the background',
  details: [...networkHelp, '', ...etcdHelp],
  flags: ['nodes', 'port', 'detach', 'proxy-mode', 'ipvs-scheduler', 'flannel-backend', ...etcdFlagNames],
  async run(_args, flags, output) {
    if (flags.detach) return detach(flags, output)
    const result = await host(flags, output)
    if (process.connected) tell({ type: 'up', result })
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
    network: {
      proxyMode: flags['proxy-mode'],
      ipvsScheduler: flags['ipvs-scheduler'],
      flannelBackend: flags['flannel-backend'],
    },
    etcd: {
      servers: flags['etcd-servers'],
      cafile: flags['etcd-cafile'],
      certfile: flags['etcd-certfile'],
      keyfile: flags['etcd-keyfile'],
      prefix: flags['etcd-prefix'],
      keysFrom: flags['keys-from'],
    },
  }
}

/** Hosts the cluster in this process until a signal ends it. */
async function host(flags: Flags, output: Output): Promise<UpResult> {
  const started = performance.now()
  const interrupted = new AbortController()
  const interrupt = (): void => interrupted.abort(interruption())
  const obey = (order: HostOrder): void => void (order.type === 'cancel' && interrupt())
  process.on('message', obey)
  // Once each: a second Ctrl-C ends the process as it stands, should the engine never answer.
  for (const signal of SIGNALS) process.once(signal, interrupt)
  const options: UpOptions = {
    ...optionsOf(flags),
    signal: interrupted.signal,
    plan: (titles) => tell({ type: 'plan', titles }),
    progress: (progress) => tellStep(progress, output),
    log(line) {
      output.note(line)
      tell({ type: 'log', line })
    },
    detail: (line) => tell({ type: 'log', line }),
  }
  const running = await startCluster(options)
  const tasks = new TaskBoard()
  const own = new OwnCluster(running, { name: options.name, data: options.data, log: output.note, tasks })
  const keepRecord = (app: string | undefined): void => {
    if (!own.running) return
    const { directory, server, provider } = own.running
    directory.saveHost({ pid: process.pid, server, ...(provider ? {} : { alone: true }), ...(app ? { app } : {}) })
  }
  // A link opens the app once: when it was used, `drydock status` shows the next one.
  const gateway = await serveApp(own, output, { onSignIn: keepRecord, onLeave: () => own.isGone && endUnwatched() })
  keepRecord(gateway?.issueUrl())
  // A cluster that the app stopped and started has a record anew.
  let recorded = own.running
  own.subscribe(() => {
    if (own.running !== recorded) keepRecord(gateway?.issueUrl())
    recorded = own.running
    if (own.isGone) endUnwatched()
  })
  for (const signal of SIGNALS) process.off(signal, interrupt)
  process.off('message', obey)
  const end = endWith(async () => {
    await gateway?.stop()
    await own.leave()
  })
  // A process whose cluster was deleted serves the windows that are open, and nobody else.
  const endUnwatched = (): void =>
    void setTimeout(() => own.isGone && (gateway?.windows ?? 0) === 0 && end(0), UNWATCHED).unref()
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
  tell({ type: 'step', step: { title, state, elapsed } })
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
async function serveApp(own: OwnCluster, output: Output, hooks: Pick<GatewayOptions, 'onSignIn' | 'onLeave'>) {
  const rendererDirectory = fileURLToPath(new URL('../renderer', import.meta.url))
  const directory = existsSync(rendererDirectory)
    ? rendererDirectory
    : fileURLToPath(new URL('../../../out/renderer', import.meta.url))
  if (!existsSync(join(directory, 'index.html'))) {
    output.note('the app is not built; run `npm run build` to have it')
    return undefined
  }
  const log = (line: string): void => output.note(line)
  const machine = new MachineClusters({ hosted: own, program: thisProgram(), tasks: own.tasks })
  // Our own clusters may have been merged into it.
  const others = await kubeconfigSource({ skip: (context) => machine.hasServer(context.connection?.server), log })
  return startGateway({
    clusters: combineSources([machine, others]),
    rendererDirectory: directory,
    version: DRYDOCK_VERSION,
    ...hooks,
    log,
  })
}

/** Starts the host as a process of its own and returns when the cluster is up. */
async function detach(flags: Flags, output: Output): Promise<void> {
  const { name, data, nodes, port, network, etcd } = optionsOf(flags)
  // The host is no member of the terminal's group: Ctrl-C reaches it through us, and it undoes what it made.
  const interrupted = new AbortController()
  const interrupt = (): void => interrupted.abort(interruption())
  for (const signal of SIGNALS) process.once(signal, interrupt)
  const result = await startDetached({
    program: thisProgram(),
    name,
    directory: new DataDirectory(name, data),
    data,
    nodes,
    port,
    network,
    etcd,
    progress: output.step,
    signal: interrupted.signal,
  })
  for (const signal of SIGNALS) process.off(signal, interrupt)
  report(result, output)
}

/** This command line, as it was started. */
const thisProgram = (): HostProgram => ({ command: process.execPath, args: [...process.execArgv, process.argv[1]!] })

const interruption = (): UserError =>
  new UserError('Interrupted: what was made until then is undone.', 'Run `drydock up` again.')

/** To the process that waits for this one, while there is one: that it has just gone concerns nobody. */
function tell(message: HostMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

/** For the entry: passes a failure to the process that waits for this one. */
export function tellFailure(error: UserError): void {
  tell({ type: 'failed', message: error.message, remedy: error.remedy })
}
