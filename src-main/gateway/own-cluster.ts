import { loadImages, type NodeOperations } from '../cluster/node-operations.ts'
import { openCluster, type OpenCluster } from '../cluster/open.ts'
import { downloadsFile } from '../cluster/snapshot/downloads.ts'
import { saveSnapshot } from '../cluster/snapshot/save.ts'
import type { RunningCluster, UpOptions } from '../cluster/up.ts'
import { UserError } from '../cluster/user-error.ts'
import type { ClusterSummary } from '../../src-wire/gateway/messages.ts'
import type { NodeStatus } from '../../src-wire/gateway/actions.ts'
import type { ActionContext, ClusterActions, ClusterConnection, ClusterSource } from './cluster-actions.ts'

/** Kubernetes version that own clusters report. */
const VERSION = 'v1.36.0+drydock'

/**
 * The cluster that this process hosts or is attached to, as the app sees it: what it can do, how to reach it, and whether it runs.
 * It outlives a stop and start of the control plane.
 */
export class OwnCluster implements ClusterSource {
  readonly #options: UpOptions
  readonly #listeners = new Set<() => void>()
  #running: RunningCluster | undefined
  #connection: ClusterConnection | undefined

  constructor(running: RunningCluster | OpenCluster, options: UpOptions) {
    this.#options = options
    this.#adopt(running)
  }

  /** The running cluster, for its owner to stop at the end. */
  get running(): RunningCluster | undefined {
    return this.#running
  }

  /** Ends what this process hosts; a cluster of another process runs on. */
  async leave(): Promise<void> {
    const running = this.#running
    if (running && !isAttached(running)) await running.stop()
  }

  #adopt(running: RunningCluster | undefined): void {
    this.#running = running
    if (running && isAttached(running)) {
      running.failed.catch(() => {
        if (this.#running === running) this.#adopt(undefined)
      })
    }
    this.#connection = running && {
      server: running.server,
      certificateAuthority: running.access.ca,
      clientCertificate: running.access.cert,
      clientKey: running.access.key,
    }
    for (const listener of this.#listeners) listener()
  }

  list(): ClusterSummary[] {
    return [
      { id: this.#options.name, name: this.#options.name, own: true, state: this.#running ? 'running' : 'stopped' },
    ]
  }

  connection(id: string): ClusterConnection | undefined {
    if (id !== this.#options.name) return undefined
    if (!this.#connection) throw new UserError(`Cluster ${id} is stopped.`, 'Start it first.')
    return this.#connection
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  actions(id: string): ClusterActions | undefined {
    if (id !== this.#options.name) return undefined
    return {
      'cluster.status': () => this.#status(),
      'cluster.start': (_input, context) => this.#start(context),
      'cluster.stop': () => this.#stop(),
      'cluster.kubeconfig': () => Promise.resolve({ path: this.#up.kubeconfig }),
      'cluster.snapshot': () => this.#snapshot(),
      'node.add': ({ name }, context) => this.#add(name, context),
      'node.drain': async ({ name }) => nothing(await this.#nodes.drain(name)),
      'node.remove': async ({ name }) => nothing(await this.#nodes.remove(name)),
      'node.stop': async ({ name }) => nothing(await this.#nodes.stop(name)),
      'node.start': async ({ name }, context) => {
        context.progress(`waiting until ${name} is Ready`)
        return nothing(await this.#nodes.start(name))
      },
      'image.list': () => this.#images(),
      'image.load': async ({ references }, context) => {
        const { docker, provider } = this.#up
        if (!docker || !provider) throw noNodes()
        return nothing(await loadImages(docker, provider, references, (line) => context.progress(line)))
      },
    }
  }

  get #up(): RunningCluster {
    if (!this.#running) throw new UserError(`Cluster ${this.#options.name} is stopped.`, 'Start it first.')
    return this.#running
  }

  get #nodes(): NodeOperations {
    const { nodes } = this.#up
    if (!nodes) throw noNodes()
    return nodes
  }

  async #status() {
    const { name, server, directory, provider } = this.#up
    const machines = (await provider?.list()) ?? []
    const nodes = machines.map((machine): NodeStatus => ({
      name: machine.name,
      container: machine.state === 'stopped' ? 'exited' : machine.state,
      address: machine.address,
    }))
    return { name, version: VERSION, server, dataDirectory: directory.path, nodes }
  }

  async #start(context: ActionContext): Promise<null> {
    if (this.#running) return null
    const progress: UpOptions['progress'] = ({ title, state }) => {
      if (state === 'running') context.progress(title)
    }
    this.#adopt(await openCluster({ ...this.#options, progress }))
    return null
  }

  /** Ends the control plane and freezes the nodes as they are. */
  async #stop(): Promise<null> {
    const running = this.#up
    const machines = (await running.provider?.list()) ?? []
    this.#adopt(undefined)
    await running.stop()
    for (const machine of machines) if (machine.state === 'running') await running.provider?.pause(machine.name)
    return null
  }

  async #snapshot(): Promise<{ path: string }> {
    const { directory, name } = this.#up
    const { file } = await saveSnapshot({ directory, name, file: downloadsFile(name) })
    return { path: file }
  }

  async #add(name: string | undefined, context: ActionContext): Promise<{ name: string }> {
    const taken = new Set((await this.#up.provider?.list())?.map((machine) => machine.name))
    let chosen = name
    for (let i = 1; !chosen; i++) if (!taken.has(`n${i}`)) chosen = `n${i}`
    context.progress(`creating ${chosen}`)
    await this.#nodes.add(chosen)
    return { name: chosen }
  }

  async #images() {
    const { docker } = this.#up
    if (!docker) throw noNodes()
    const images = await docker.listImages()
    return images
      .flatMap((image) => (image.RepoTags ?? []).map((reference) => ({ reference, id: image.Id, bytes: image.Size })))
      .filter((image) => image.reference !== '<none>:<none>')
  }
}

const isAttached = (running: RunningCluster | OpenCluster): boolean => 'attached' in running && running.attached
const noNodes = () => new UserError('This control plane runs without nodes.', 'Start it again with --nodes 1 or more.')
const nothing = (_done: void): null => null
