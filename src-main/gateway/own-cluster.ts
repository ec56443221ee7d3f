import { DataDirectory } from '../cluster/data-directory.ts'
import { endHost } from '../cluster/end-host.ts'
import { loadImages, type NodeOperations } from '../cluster/node-operations.ts'
import { openCluster, type OpenCluster } from '../cluster/open.ts'
import type { Provider } from '../cluster/provider.ts'
import { downloadsFile } from '../cluster/snapshot/downloads.ts'
import { saveSnapshot } from '../cluster/snapshot/save.ts'
import { runRecipe } from '../cluster/steps/recipe.ts'
import type { RunningCluster } from '../cluster/up.ts'
import type { UpOptions } from '../cluster/up-options.ts'
import { UserError } from '../cluster/user-error.ts'
import type { NodeStatus } from '../../src-wire/gateway/actions.ts'
import type { TaskVerb } from '../../src-wire/gateway/clusters.ts'
import type { ClusterState, ClusterSummary } from '../../src-wire/gateway/messages.ts'
import type { ActionContext, ClusterActions, ClusterConnection, ClusterSource } from './cluster-actions.ts'
import { deleteCluster, resetCluster, restoreCluster, type Subject } from './lifecycle.ts'
import { TaskBoard, type Course } from './tasks.ts'

/** Kubernetes version that own clusters report. */
const VERSION = 'v1.36.0+drydock'

/** What a start may be told beside the cluster's name. */
export interface StartWish {
  nodes?: number | undefined
  port?: number | undefined
}

/** A cluster that Drydock runs, and how it is brought up. */
export interface OwnClusterOptions extends UpOptions {
  /** Where what is done to it is told; its own board when none is given. */
  tasks?: TaskBoard
  /** Brings it up; by default this process attaches to it, or hosts it. */
  open?: (course: Course, wish: StartWish) => Promise<RunningCluster | OpenCluster>
}

/**
 * A cluster of this machine that this process hosts or is attached to, or that is stopped, as the app sees it: what it can do, how to
 * reach it, and whether it runs. It outlives a stop and start of the control plane.
 */
export class OwnCluster implements ClusterSource, Subject {
  readonly name: string
  readonly directory: DataDirectory
  readonly tasks: TaskBoard
  readonly #open: NonNullable<OwnClusterOptions['open']>
  readonly #listeners = new Set<() => void>()
  #running: RunningCluster | undefined
  #connection: ClusterConnection | undefined
  #isGone = false
  /** Why it cannot be attached to. */
  #trouble: string | undefined

  constructor(running: RunningCluster | OpenCluster | undefined, options: OwnClusterOptions) {
    const { tasks = new TaskBoard(), open, ...here } = options
    this.name = options.name
    this.directory = new DataDirectory(options.name, options.data)
    this.tasks = tasks
    this.#open = open ?? ((course, wish) => openCluster({ ...here, ...wish, ...course, detail: course.log }))
    this.adopt(running)
  }

  /** The running cluster, for its owner to stop at the end. */
  get running(): RunningCluster | undefined {
    return this.#running
  }

  get isRunning(): boolean {
    return this.#running !== undefined
  }

  /** It was deleted. */
  get isGone(): boolean {
    return this.#isGone
  }

  /** Ends what this process hosts; a cluster of another process runs on. */
  async leave(): Promise<void> {
    const running = this.#running
    if (running && !isAttached(running)) await running.stop()
  }

  /** Takes it as running here, attached, or stopped; `trouble` says why it is neither. */
  adopt(running: RunningCluster | OpenCluster | undefined, trouble?: string): void {
    this.#running = running
    this.#trouble = trouble
    if (running && isAttached(running)) {
      running.failed.catch(() => {
        if (this.#running === running) this.adopt(undefined)
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
    if (this.#isGone) return []
    const { name } = this
    const message = this.#trouble === undefined ? {} : { message: this.#trouble }
    const alone = this.#running && !this.#running.nodes ? { alone: true as const } : {}
    return [{ id: name, name, own: true, state: this.#state(), ...alone, ...message }]
  }

  #state(): ClusterState {
    const verb = this.tasks.of(this.name)?.verb
    if (verb !== undefined) return verb === 'stop' || verb === 'delete' ? 'stopping' : 'starting'
    if (this.#trouble !== undefined) return 'failed'
    return this.#running ? 'running' : 'stopped'
  }

  connection(id: string): ClusterConnection | undefined {
    if (id !== this.name || this.#isGone) return undefined
    const state = this.#state()
    if (!this.#connection && state === 'starting') throw new UserError(`Cluster ${id} is starting.`)
    if (!this.#connection) throw new UserError(`Cluster ${id} is stopped.`, 'Start it first.')
    return this.#connection
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    const untold = this.tasks.subscribe(listener)
    return () => {
      this.#listeners.delete(listener)
      untold()
    }
  }

  actions(id: string): ClusterActions | undefined {
    if (id !== this.name || this.#isGone) return undefined
    const task = (verb: TaskVerb, work: (course: Course) => Promise<void>) => async () =>
      nothing(await this.tasks.run(this.name, verb, work))
    return {
      'cluster.status': () => this.#status(),
      'cluster.start': task('start', (course) => this.start(course)),
      'cluster.stop': task('stop', (course) => this.#stop(course)),
      'cluster.reset': task('reset', (course) => resetCluster(this, course)),
      'cluster.delete': task('delete', (course) => this.#delete(course)),
      'cluster.restore': ({ file }) => task('restore', (course) => restoreCluster(this, file, course))(),
      'cluster.kubeconfig': () => Promise.resolve({ path: this.#up.kubeconfig }),
      'cluster.snapshot': () => this.#snapshot(),
      'node.add': ({ name }, context) => this.#add(name, context),
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
    if (!this.#running) throw new UserError(`Cluster ${this.name} is stopped.`, 'Start it first.')
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

  async start(course: Course, wish: StartWish = {}): Promise<void> {
    if (this.#running) return
    this.adopt(await this.#open(course, wish))
  }

  async halt(): Promise<void> {
    const running = this.#running
    if (!running) return endHost(this.directory)
    this.adopt(undefined)
    await running.stop()
  }

  /** Ends the control plane and freezes the nodes as they are. */
  async #stop(course: Course): Promise<void> {
    const { provider } = this.#up
    course.commit()
    await runRecipe(
      [
        { title: 'Stop', run: () => this.halt() },
        ...(provider ? [{ title: 'Freeze nodes', run: () => freeze(provider) }] : []),
      ],
      { plan: course.plan, progress: course.progress },
    )
  }

  async #delete(course: Course): Promise<void> {
    await deleteCluster(this, course)
    this.forget()
  }

  /** It is no more: nothing is left of it, or it never came to be. */
  forget(): void {
    this.#isGone = true
    this.adopt(undefined)
  }

  async #snapshot(): Promise<{ path: string }> {
    const { directory, name } = this
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

async function freeze(provider: Provider): Promise<void> {
  for (const machine of await provider.list()) if (machine.state === 'running') await provider.pause(machine.name)
}

const isAttached = (running: RunningCluster | OpenCluster): boolean => 'attached' in running && running.attached
const noNodes = () => new UserError('This control plane runs without nodes.', 'Start it again with --nodes 1 or more.')
const nothing = (_done: void): null => null
