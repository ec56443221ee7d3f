import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type Docker from 'dockerode'
import type { HttpTransport } from '../../src-wire/http-transport.ts'
import { adminTransport, waitReady } from './api.ts'
import { hostControlPlane, type HostedControlPlane } from './control-plane-host.ts'
import { DataDirectory, type ClusterSettings } from './data-directory.ts'
import { checkDisk, connectEngine } from './docker/engine.ts'
import { DockerProvider } from './docker/docker-provider.ts'
import { ensureNodeImage } from './docker/node-image.ts'
import { formatKubeconfig, kubeconfigFor, type AdminAccess } from './kubeconfig.ts'
import { NodeOperations, type SharedNodeConfig } from './node-operations.ts'
import type { NodeNetwork, Provider } from './provider.ts'
import { runRecipe, type StepProgress } from './steps/recipe.ts'
import { UserError } from './user-error.ts'

export const CLUSTER_CIDR = '10.244.0.0/16'
export const SERVICE_CIDR = '10.96.0.0/16'
export const CLUSTER_DNS = '10.96.0.10'
export const CLUSTER_DOMAIN = 'cluster.local'
/** Milliseconds the nodes get to become Ready. */
const READY_TIMEOUT = 180_000

export interface UpOptions {
  name: string
  /** Wanted number of nodes; a new cluster gets three, an existing one keeps what it has. */
  nodes?: number | undefined
  /** Overrides the platform's data folder. */
  data?: string | undefined
  /** Port of the API server; without it the last one, else 6443 or the next free one. */
  port?: number | undefined
  progress?: (progress: StepProgress) => void
  log?: (line: string) => void
  docker?: Docker
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
  docker?: Docker
  provider?: DockerProvider
  network?: NodeNetwork
  host?: HostedControlPlane
  api?: HttpTransport
  operations?: NodeOperations
}

/** Creates the cluster, or starts it again: a recipe of idempotent steps, undone when one fails. */
export async function up(options: UpOptions): Promise<RunningCluster> {
  const directory = new DataDirectory(options.name, options.data)
  const running = directory.host()
  if (running)
    throw new UserError(`Cluster ${options.name} is running already (process ${running.pid}, ${running.server}).`)
  const isNew = !directory.exists
  const settings = directory.settings(options.name)
  const state: Progress = {}
  const steps = [
    ...(options.nodes === 0 ? [] : engineSteps(options, state, isNew)),
    controlPlaneStep(options, state, directory, settings, isNew),
    ...(options.nodes === 0 ? [] : nodeSteps(options, state, settings, isNew)),
  ]
  await runRecipe(steps, options.progress ? { progress: options.progress } : {})
  const host = state.host!
  const server = `https://127.0.0.1:${host.port}`
  const access = { server, ...host.admin }
  const kubeconfig = directory.writePrivate('kubeconfig', formatKubeconfig(kubeconfigFor(options.name, access)))
  directory.saveHost({ pid: process.pid, server })
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

function engineSteps(options: UpOptions, state: Progress, isNew: boolean) {
  return [
    {
      title: 'Docker engine',
      run: async () => {
        state.docker = await connectEngine(options.docker ? { docker: options.docker } : {})
        await checkDisk(state.docker)
      },
    },
    {
      title: 'Node image',
      run: async () => {
        const image = await ensureNodeImage({
          docker: state.docker!,
          resources: resources.node,
          log: options.log ?? (() => {}),
        })
        state.provider = new DockerProvider({
          docker: state.docker!,
          cluster: options.name,
          image,
          bundle: resources.agent,
        })
      },
    },
    {
      title: 'Node network',
      run: async () => {
        state.network = await state.provider!.ensureNetwork()
      },
      undo: async () => {
        if (isNew) await state.provider?.deleteShared()
      },
    },
  ]
}

function controlPlaneStep(
  options: UpOptions,
  state: Progress,
  directory: DataDirectory,
  settings: ClusterSettings,
  isNew: boolean,
) {
  return {
    title: 'Control plane',
    run: async () => {
      directory.create()
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
        log: options.log ?? (() => {}),
      })
      settings.port = state.host.port
      directory.saveSettings(settings)
      state.api = adminTransport({ server: `https://127.0.0.1:${state.host.port}`, ...state.host.admin })
    },
    undo: async () => {
      state.api?.close()
      await state.host?.stop()
      if (isNew) directory.delete()
    },
  }
}

function nodeSteps(options: UpOptions, state: Progress, settings: ClusterSettings, isNew: boolean) {
  let names: string[] = []
  const made: string[] = []
  return [
    {
      title: 'Nodes',
      run: async () => {
        const provider = state.provider!
        const shared = sharedConfig(options.name, state, settings)
        state.operations = new NodeOperations({ provider, api: state.api!, shared, log: options.log ?? (() => {}) })
        const present = (await provider.list()).map((node) => node.name)
        const wanted = options.nodes ?? (present.length > 0 ? present.length : 3)
        const missing = nodeNames(present, wanted)
        names = [...present, ...missing]
        made.push(...missing)
        await Promise.all([
          ...present.map((name) => state.operations!.wake(name)),
          ...missing.map((name) => state.operations!.createMachine(name)),
        ])
      },
      undo: async () => {
        await Promise.all(made.map((name) => state.provider!.delete(name)))
        if (isNew) await state.provider!.deleteShared()
      },
    },
    {
      title: 'Nodes Ready',
      run: () =>
        waitReady(state.api!, names, { timeout: READY_TIMEOUT, seen: (name) => options.log?.(`${name} is Ready`) }),
    },
  ]
}

/** `n1`, `n2`, … for as many nodes as are missing. */
export function nodeNames(present: readonly string[], wanted: number): string[] {
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
  }
}
