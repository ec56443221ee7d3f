import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock, type Clock, type Timer } from '../../src-kube/machinery/clock.ts'
import type { ClusterWish } from '../../src-wire/gateway/clusters.ts'
import type { ClusterSummary } from '../../src-wire/gateway/messages.ts'
import { checkWish, type WishSurroundings } from '../cluster/check-wish.ts'
import { clusterNames, DataDirectory } from '../cluster/data-directory.ts'
import { startDetached, type DetachedOptions, type HostProgram } from '../cluster/detached-host.ts'
import { attachCluster, type OpenCluster } from '../cluster/open.ts'
import { downloadsFolders } from '../cluster/snapshot/downloads.ts'
import { countOf } from '../cluster/snapshot/manifest.ts'
import { openSnapshot } from '../cluster/snapshot/open-file.ts'
import { UserError } from '../cluster/user-error.ts'
import type { ClusterActions, ClusterConnection, ClusterSource, MachineActions } from './cluster-actions.ts'
import { createCluster } from './create-cluster.ts'
import { OwnCluster } from './own-cluster.ts'
import type { TaskBoard } from './tasks.ts'

/** What the app needs to show all clusters of this machine and to start and stop them. */
export interface MachineOptions {
  /** The cluster that this process hosts. */
  hosted?: OwnCluster
  /** How the hosts of other clusters are started. */
  program: HostProgram
  tasks: TaskBoard
  clock?: Clock
  /** What the machine has and does; tests give fakes. */
  names?: () => string[]
  attach?: (name: string) => Promise<OpenCluster>
  startHost?: (options: DetachedOptions) => Promise<unknown>
  surroundings?: Omit<WishSurroundings, 'taken'>
}

/** Milliseconds between two looks at which clusters other processes made, started or removed; only while a window is open. */
const LOOK = 2000
/** Snapshots that are suggested. */
const MOST_SNAPSHOTS = 20

/** All of Drydock's own clusters on this machine: the one that this process hosts, and those that have processes of their own. */
export class MachineClusters implements ClusterSource {
  readonly tasks: TaskBoard
  readonly machine: MachineActions
  readonly #options: MachineOptions
  readonly #clock: Clock
  readonly #clusters = new Map<string, OwnCluster>()
  readonly #ends = new Map<OwnCluster, () => void>()
  readonly #listeners = new Set<() => void>()
  readonly #attaching = new Set<OwnCluster>()
  #timer: Timer | undefined

  constructor(options: MachineOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.tasks = options.tasks
    if (options.hosted) this.#add(options.hosted)
    this.machine = {
      'cluster.check': (wish) => this.#check(wish),
      'cluster.create': (wish) => this.#create(wish),
      'snapshot.list': async () => newestSnapshots(),
      'snapshot.inspect': ({ file }) => inspect(file),
      'task.cancel': async ({ id }) => nothing(this.tasks.cancel(id)),
      'task.dismiss': async ({ id }) => nothing(this.tasks.dismiss(id)),
    }
  }

  list(): ClusterSummary[] {
    return [...this.#clusters.values()].flatMap((cluster) => cluster.list()).sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  connection(id: string): ClusterConnection | undefined {
    return this.#clusters.get(id)?.connection(id)
  }

  actions(id: string): ClusterActions | undefined {
    return this.#clusters.get(id)?.actions(id)
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    if (this.#listeners.size === 1) this.#watch()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#timer?.cancel()
    }
  }

  /** Whether it leads to an own cluster that runs as Drydock itself reaches it: by a certificate. Others sign in to see what they may. */
  isOwn(connection: Pick<ClusterConnection, 'server' | 'clientCertificate'> | undefined): boolean {
    if (!connection?.clientCertificate) return false
    return [...this.#clusters.values()].some((cluster) => cluster.running?.server === connection.server)
  }

  /** Starts a cluster that is there and does not run; where there is none at all, `create` has it made. */
  async startUsual(name: string, { create }: { create: boolean }): Promise<void> {
    this.#look()
    const cluster = this.#clusters.get(name)
    if (create && this.#clusters.size === 0) await this.#create({ name })
    else if (cluster && !cluster.isRunning && !cluster.directory.host())
      await this.tasks.run(name, 'start', (course) => cluster.start(course))
  }

  #watch(): void {
    this.#look()
    this.#timer = this.#clock.after(LOOK, () => this.#watch())
  }

  /** Takes in what other processes have done. */
  #look(): void {
    const names = (this.#options.names ?? clusterNames)()
    for (const name of names) if (!this.#clusters.has(name)) this.#add(this.#cluster(name))
    for (const [name, cluster] of this.#clusters) {
      const isIdle = this.tasks.of(name) === undefined && !this.#attaching.has(cluster)
      if (cluster.isGone || (isIdle && !cluster.isRunning && !cluster.directory.exists)) this.#remove(cluster)
      else if (isIdle && !cluster.isRunning && cluster.directory.host()) void this.#attach(cluster)
    }
  }

  async #attach(cluster: OwnCluster): Promise<void> {
    this.#attaching.add(cluster)
    try {
      const running = await (this.#options.attach ?? attachTo)(cluster.name)
      if (this.tasks.of(cluster.name) === undefined) cluster.adopt(running)
      else running.api.close()
    } catch (error) {
      // Its host may be just starting: the next look tries again.
      const message = error instanceof UserError ? error.message : String(error)
      if (this.tasks.of(cluster.name) === undefined) cluster.adopt(undefined, message)
    } finally {
      this.#attaching.delete(cluster)
    }
  }

  #cluster(name: string): OwnCluster {
    const { program, startHost = startDetached, attach = attachTo } = this.#options
    return new OwnCluster(undefined, {
      name,
      tasks: this.tasks,
      async open({ plan, progress, log, signal }, wish) {
        const directory = new DataDirectory(name)
        const told = { plan, progress, log, signal }
        if (!directory.host()) await startHost({ program, name, directory, ...wish, ...told })
        return attach(name)
      },
    })
  }

  #add(cluster: OwnCluster): void {
    this.#clusters.set(cluster.name, cluster)
    const tell = (): void => {
      if (cluster.isGone) this.#remove(cluster)
      for (const listener of this.#listeners) listener()
    }
    this.#ends.set(cluster, cluster.subscribe(tell))
    tell()
  }

  #remove(cluster: OwnCluster): void {
    if (this.#clusters.get(cluster.name) !== cluster) return
    this.#clusters.delete(cluster.name)
    this.#ends.get(cluster)?.()
    this.#ends.delete(cluster)
    for (const listener of this.#listeners) listener()
  }

  #check(wish: ClusterWish) {
    return checkWish(wish, { ...this.#options.surroundings, taken: [...this.#clusters.keys()] })
  }

  async #create(wish: ClusterWish): Promise<{ id: string }> {
    const { problems } = await this.#check(wish)
    if (problems.length > 0)
      throw new UserError(
        'The cluster cannot be made like this.',
        `See ${problems.map(({ field }) => field).join(', ')}.`,
      )
    const cluster = this.#cluster(wish.name)
    this.#add(cluster)
    await createCluster(cluster, wish, this.tasks)
    return { id: cluster.name }
  }
}

const attachTo = (name: string): Promise<OpenCluster> => attachCluster({ name })
const nothing = (_done: void): null => null

function newestSnapshots(): string[] {
  const files = downloadsFolders().flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.snapshot'))
      .map((name) => join(folder, name)),
  )
  const aged = files.map((file) => ({ file, at: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
  return aged
    .sort((a, b) => b.at - a.at)
    .slice(0, MOST_SNAPSHOTS)
    .map(({ file }) => file)
}

async function inspect(file: string) {
  await using snapshot = await openSnapshot(file)
  const { manifest, size } = snapshot
  const { cluster, taken, objects } = manifest
  return { cluster, taken, objects: countOf(manifest), nodes: objects['nodes'] ?? 0, size }
}
