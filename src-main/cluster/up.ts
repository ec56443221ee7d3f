import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type Docker from 'dockerode'
import type { HttpTransport } from '../../src-wire/http-transport.ts'
import { adminTransport } from './api.ts'
import { hostControlPlane, type HostedControlPlane } from './control-plane-host.ts'
import { DataDirectory, type ClusterSettings } from './data-directory.ts'
import { connectEngine } from './docker/engine.ts'
import { checkRoom } from './docker/room.ts'
import { DockerProvider } from './docker/docker-provider.ts'
import { ensureNodeImage, nodeImageTag } from './docker/node-image.ts'
import { formatKubeconfig, kubeconfigFor, type AdminAccess } from './kubeconfig.ts'
import { etcdSettings, type EtcdWish } from './etcd-settings.ts'
import type { FreeSpace } from './free-space.ts'
import { networkModes, type NetworkWish } from './network-modes.ts'
import { NodeOperations, type SharedNodeConfig } from './node-operations.ts'
import { beginsAnew, type NodeMachine, type NodeNetwork, type Provider } from './provider.ts'
import { readyOrDead } from './ready.ts'
import { runRecipe, type Step, type StepProgress } from './steps/recipe.ts'
import { takeKeys } from './shared-keys.ts'
import { UserError } from './user-error.ts'

export const CLUSTER_CIDR = '10.244.0.0/16'
export const SERVICE_CIDR = '10.96.0.0/16'
export const CLUSTER_DNS = '10.96.0.10'
export const CLUSTER_DOMAIN = 'cluster.local'
/** Nodes of a new cluster, when nobody says how many. */
export const NODES = 3
/** Milliseconds the nodes get to become Ready. */
const READY_TIMEOUT = 180_000

/** What a cluster is to be like; an existing one keeps what is not named. */
export interface UpOptions {
  name: string
  /** Wanted number of nodes; a new cluster gets three, an existing one keeps what it has. */
  nodes?: number | undefined
  /** Overrides the platform's data folder. */
  data?: string | undefined
  /** Port of the API server; without it the last one, else 6443 or the next free one. */
  port?: number | undefined
  /** Of kube-proxy and flannel; a cluster keeps what is not named. */
  network?: NetworkWish | undefined
  /** Where the state of a new cluster is kept, and how a cluster's own etcd is reached; a cluster keeps what is not named. */
  etcd?: EtcdWish | undefined
  progress?: (progress: StepProgress) => void
  /** Hears the titles of the steps to come. */
  plan?: ((titles: string[]) => void) | undefined
  log?: (line: string) => void
  /** What belongs into a step's log and is too much for a terminal. */
  detail?: ((line: string) => void) | undefined
  docker?: Docker
  /** Aborted, creation ends and is undone; the reason is thrown. */
  signal?: AbortSignal | undefined
  /** Bytes free on the disk that holds a folder; undefined where that cannot be seen. */
  freeSpace?: FreeSpace | undefined
}

/** A cluster whose control plane this process hosts. */
export interface RunningCluster {
  name: string
  directory: DataDirectory
  server: string
  /** Path of a kubeconfig with one context. */
  kubeconfig: string
  access: AdminAccess
  api: HttpTransport
  /** Absent for a control plane alone. */
  nodes: NodeOperations | undefined
  provider: Provider | undefined
  docker: Docker | undefined
  /** Rejects when the control plane is down for good. */
  failed: Promise<never>
  /** Ends the control plane; nodes and their pods run on. */
  stop(): Promise<void>
}

/** The project's folder, from the sources or the bundle: both lie two levels below it. */
const project = join(dirname(fileURLToPath(import.meta.url)), '../..')
const firstExisting = (...paths: string[]): string => paths.find((path) => existsSync(path)) ?? paths[0]!
/** Set by Electron in a packaged app. */
const packaged = (process as { resourcesPath?: string }).resourcesPath ?? project
/** Folders that the nodes and the image recipe come from; a packaged app carries them as resources. */
export const resources = {
  agent: process.env['DRYDOCK_AGENT'] ?? firstExisting(join(project, 'out/agent'), join(packaged, 'agent')),
  node: firstExisting(join(project, 'resources/node'), join(packaged, 'node')),
}

interface Progress {
  /** This call made the cluster: undoing it takes everything away. */
  claimed: boolean
  /** Epoch milliseconds: what nodes said earlier is of another start. */
  since: number
  docker?: Docker
  /** Nodes that have machines, and those to be made. */
  present: string[]
  missing: string[]
  /** Those that were there, as they were then. */
  machines: NodeMachine[]
  provider?: DockerProvider
  network?: NodeNetwork
  host?: HostedControlPlane
  api?: HttpTransport
  operations?: NodeOperations
}

/** Creates the cluster, or starts it again: a recipe of idempotent steps, undone when one fails. */
export async function up(options: UpOptions): Promise<RunningCluster> {
  const directory = new DataDirectory(options.name, options.data)
  const settings = directory.settings(options.name)
  settings.network = networkModes(options.network ?? {}, settings.network)
  const etcd = etcdSettings(options.etcd, { exists: directory.exists, had: settings.etcd })
  if (etcd) settings.etcd = etcd
  const running = directory.host()
  if (running) {
    throw new UserError(
      `Cluster "${options.name}" is running already (process ${running.pid}, ${running.server}).`,
      `See it with \`drydock status\`, or end it first with \`drydock down\`.`,
    )
  }
  const alone = options.nodes === undefined ? settings.alone === true : options.nodes === 0
  const state: Progress = { claimed: false, since: Date.now(), present: [], missing: [], machines: [] }
  await runRecipe(
    [
      folderStep(options, state, directory, settings),
      ...(alone ? [] : engineSteps(options, state, settings)),
      controlPlaneStep(options, state, directory, settings, alone),
      ...(alone ? [] : nodeSteps(options, state, settings)),
    ],
    { ...(options.progress ? { progress: options.progress } : {}), plan: options.plan, signal: options.signal },
  )
  const host = state.host!
  const server = `https://127.0.0.1:${host.port}`
  const access = { server, ...host.admin }
  const kubeconfig = directory.writePrivate('kubeconfig', formatKubeconfig(kubeconfigFor(options.name, access)))
  directory.saveHost({ pid: process.pid, server, ...(alone ? { alone } : {}) })
  return {
    name: options.name,
    directory,
    server,
    kubeconfig,
    access,
    api: state.api!,
    nodes: state.operations,
    provider: state.provider,
    docker: state.docker,
    failed: host.failed,
    async stop() {
      state.api?.close()
      await host.stop()
      directory.clearHost()
    },
  }
}

/** The titles of the steps of {@link up}. */
export const upTitles = (alone: boolean): string[] =>
  alone
    ? ['Data folder', 'Control plane']
    : ['Data folder', 'Docker engine', 'Node image', 'Node network', 'Control plane', 'Nodes', 'Nodes Ready']

function folderStep(
  { etcd: { keysFrom } = {} }: UpOptions,
  state: Progress,
  directory: DataDirectory,
  settings: ClusterSettings,
): Step {
  return {
    title: 'Data folder',
    run: async () => {
      state.claimed = directory.claim(settings)
      if (state.claimed && keysFrom !== undefined) takeKeys(keysFrom, directory)
    },
    undo: async () => {
      if (state.claimed) directory.delete()
    },
  }
}

function engineSteps(options: UpOptions, state: Progress, settings: ClusterSettings): Step[] {
  const image = nodeImageTag(resources.node)
  return [
    {
      title: 'Docker engine',
      run: async () => {
        const docker = await connectEngine(options.docker ? { docker: options.docker } : {})
        state.docker = docker
        state.provider = new DockerProvider({ docker, cluster: options.name, image, bundle: resources.agent })
        state.machines = await state.provider.list()
        state.present = state.machines.map((node) => node.name)
        const wanted = options.nodes ?? (state.present.length > 0 ? state.present.length : (settings.nodes ?? NODES))
        state.missing = nodeNames(state.present, wanted)
        options.detail?.(
          `nodes that are there: ${state.present.join(', ') || 'none'}; to be made: ${state.missing.length}`,
        )
        if (state.missing.length === 0) return
        await checkRoom(docker, state.missing.length, options.freeSpace)
      },
    },
    {
      title: 'Node image',
      run: async (signal) => {
        const { log = () => {}, detail } = options
        await ensureNodeImage({ docker: state.docker!, resources: resources.node, log, detail, signal })
        detail?.(image)
      },
    },
    {
      title: 'Node network',
      run: async () => {
        state.network = await state.provider!.ensureNetwork()
        options.detail?.(state.network.subnet)
      },
      undo: async () => {
        if (state.claimed) await state.provider?.deleteShared()
      },
    },
  ]
}

function controlPlaneStep(
  options: UpOptions,
  state: Progress,
  directory: DataDirectory,
  settings: ClusterSettings,
  alone: boolean,
): Step {
  return {
    title: 'Control plane',
    run: async () => {
      settings.token ??= `${randomBytes(3).toString('hex')}.${randomBytes(8).toString('hex')}`
      state.host = await hostControlPlane({
        cluster: options.name,
        directory: directory.path,
        port: options.port ?? settings.port,
        fixedPort: options.port !== undefined,
        addresses: state.network ? [state.network.gateway] : [],
        token: settings.token,
        clusterCidr: CLUSTER_CIDR,
        serviceCidr: SERVICE_CIDR,
        history: settings.history,
        etcd: settings.etcd,
        log: options.log ?? (() => {}),
      })
      settings.port = state.host.port
      options.detail?.(`https://127.0.0.1:${state.host.port}`)
      if (state.claimed && alone) settings.alone = true
      else if (!alone) delete settings.alone
      directory.saveSettings(settings)
      state.api = adminTransport({ server: `https://127.0.0.1:${state.host.port}`, ...state.host.admin })
    },
    undo: async () => {
      state.api?.close()
      await state.host?.stop()
    },
  }
}

function nodeSteps(options: UpOptions, state: Progress, settings: ClusterSettings): Step[] {
  return [
    {
      title: 'Nodes',
      run: async () => {
        const provider = state.provider!
        const shared = sharedConfig(options.name, state, settings)
        const operations = new NodeOperations({
          provider,
          api: state.api!,
          shared,
          log: options.log ?? (() => {}),
          checkRoom: () => checkRoom(state.docker!, 1, options.freeSpace),
        })
        state.operations = operations
        const told = (name: string, work: Promise<void>, what: string): Promise<void> =>
          work.then(() => options.detail?.(`${name} ${what}`))
        await allOf([
          ...state.present.map((name) => told(name, operations.wake(name), 'is awake')),
          ...state.missing.map((name) => told(name, operations.createMachine(name), 'is made')),
        ])
      },
      undo: async () => {
        // Of a cluster that goes altogether the store goes too: only machines are left to remove.
        const remove = (name: string): Promise<void> =>
          state.claimed ? state.provider!.delete(name) : state.operations!.discard(name)
        await allOf([
          ...state.missing.map(remove),
          ...state.machines.map((machine) => putBack(state.provider!, machine)),
        ])
      },
    },
    {
      title: 'Nodes Ready',
      run: (signal) =>
        readyOrDead(state.api!, state.provider!, [...state.present, ...state.missing], {
          timeout: READY_TIMEOUT,
          since: state.since,
          // Not where they were frozen.
          anew: new Set([...state.machines.filter(beginsAnew).map(({ name }) => name), ...state.missing]),
          signal,
          seen: (name) => options.log?.(`${name} is Ready`),
        }),
    },
  ]
}

/** A machine that was woken for a control plane that does not come would use memory and processor for nothing. */
async function putBack(provider: Provider, { name, state }: NodeMachine): Promise<void> {
  if (state === 'paused') await provider.pause(name)
  else if (state !== 'running') await provider.stop(name)
}

/** Waits for all, also when one fails: nothing may still be under way when what was made is undone. Throws the first failure. */
async function allOf(work: ReadonlyArray<Promise<void>>): Promise<void> {
  const results = await Promise.allSettled(work)
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

/** `n1`, `n2`, … for as many nodes as are missing. */
function nodeNames(present: readonly string[], wanted: number): string[] {
  const names: string[] = []
  for (let i = 1; present.length + names.length < wanted; i++) {
    if (!present.includes(`n${i}`)) names.push(`n${i}`)
  }
  return names
}

function sharedConfig(name: string, state: Progress, settings: ClusterSettings): SharedNodeConfig {
  const { port, admin } = state.host!
  const hosts =
    process.platform === 'linux' ? [state.network!.gateway] : ['host.docker.internal', state.network!.gateway]
  return {
    cluster: name,
    servers: hosts.map((host) => `https://${host}:${port}`),
    ca: admin.ca,
    token: settings.token!,
    clusterDns: CLUSTER_DNS,
    clusterDomain: CLUSTER_DOMAIN,
    clusterCidr: CLUSTER_CIDR,
    serviceCidr: SERVICE_CIDR,
    ...networkModes({}, settings.network),
  }
}
