import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DRYDOCK_VERSION } from '../../cluster/version.ts'
import { combineSources, kubeconfigSource } from '../../gateway/cluster-sources.ts'
import { hostPort, startGateway, type Gateway, type GatewayOptions } from '../../gateway/index.ts'
import { MachineClusters } from '../../gateway/machine-clusters.ts'
import { openPreferences, preferencesPath } from '../../gateway/preferences/preferences.ts'
import type { OwnCluster } from '../../gateway/own-cluster.ts'
import type { Output } from '../output.ts'
import { thisProgram } from './this-program.ts'

/** Milliseconds that a window has to come back, as it does when it is reloaded. */
const UNWATCHED = 3_000

/** The app beside the cluster of this process, and the record by which other processes find both. */
export class ServedApp {
  /** Called when the cluster was deleted and no window is open any more: nobody is served then. */
  onUnwatched: () => void = () => undefined
  readonly #own: OwnCluster
  #gateway: Gateway | undefined

  static async start(own: OwnCluster, output: Output): Promise<ServedApp> {
    const served = new ServedApp(own)
    await served.#start(output)
    return served
  }

  private constructor(own: OwnCluster) {
    this.#own = own
  }

  /** Opens the app once; undefined where it is not built. */
  get url(): string | undefined {
    return this.#gateway?.url
  }

  async stop(): Promise<void> {
    await this.#gateway?.stop()
  }

  async #start(output: Output): Promise<void> {
    const own = this.#own
    // A link opens the app once: when it was used, `drydock status` shows the next one.
    const onSignIn = (next: string): void => this.#keepRecord(next)
    const onLeave = (): void => void (own.isGone && this.#endUnwatched())
    this.#gateway = await serveApp(own, output, { onSignIn, onLeave })
    this.#keepRecord(this.#gateway?.issueUrl())
    // A cluster that the app stopped and started has a record anew.
    let recorded = own.running
    own.subscribe(() => {
      if (own.running !== recorded) this.#keepRecord(this.#gateway?.issueUrl())
      recorded = own.running
      if (own.isGone) this.#endUnwatched()
    })
  }

  #keepRecord(app: string | undefined): void {
    if (!this.#own.running) return
    const { directory, server, provider } = this.#own.running
    directory.saveHost({ pid: process.pid, server, ...(provider ? {} : { alone: true }), ...(app ? { app } : {}) })
  }

  #endUnwatched(): void {
    const look = (): void => void (this.#own.isGone && (this.#gateway?.windows ?? 0) === 0 && this.onUnwatched())
    setTimeout(look, UNWATCHED).unref()
  }
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
  const others = await kubeconfigSource({ skip: ({ connection }) => machine.isOwn(connection), log })
  return startGateway({
    clusters: combineSources([machine, others]),
    rendererDirectory: directory,
    port: own.running ? hostPort(own.running.server) : 0,
    preferences: openPreferences(preferencesPath(), log),
    version: DRYDOCK_VERSION,
    ...hooks,
    log,
  })
}
