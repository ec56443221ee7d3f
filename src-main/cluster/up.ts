import type Docker from 'dockerode'
import type { HttpTransport } from '../../src-wire/http-transport.ts'
import { DataDirectory } from './data-directory.ts'
import { etcdSettings } from './etcd-settings.ts'
import { formatKubeconfig, kubeconfigFor, type AdminAccess } from './kubeconfig.ts'
import { networkModes } from './network-modes.ts'
import type { NodeOperations } from './node-operations.ts'
import type { Provider } from './provider.ts'
import { runRecipe } from './steps/recipe.ts'
import type { UpOptions } from './up-options.ts'
import { controlPlaneStep, engineSteps, folderStep, nodeSteps, type Start } from './up-steps.ts'
import { UserError } from './user-error.ts'

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

/** Creates the cluster, or starts it again: a recipe of idempotent steps, undone when one fails. */
export async function up(options: UpOptions): Promise<RunningCluster> {
  const start = planned(options)
  const { directory, alone, state } = start
  await runRecipe(
    [
      folderStep(start),
      ...(alone ? [] : engineSteps(start)),
      controlPlaneStep(start),
      ...(alone ? [] : nodeSteps(start)),
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

/** What is to be started, from what was asked for and what the cluster has. Throws a `UserError` for what cannot be, or when it runs already. */
function planned(options: UpOptions): Start {
  const directory = new DataDirectory(options.name, options.data)
  const settings = directory.settings(options.name)
  settings.network = networkModes(options.network ?? {}, settings.network)
  const etcd = etcdSettings(options.etcd, { exists: directory.exists, had: settings.etcd })
  if (etcd) settings.etcd = etcd
  const running = directory.host()
  if (running)
    throw new UserError(
      `Cluster "${options.name}" is running already (process ${running.pid}, ${running.server}).`,
      `See it with \`drydock status\`, or end it first with \`drydock down\`.`,
    )
  const alone = options.nodes === undefined ? settings.alone === true : options.nodes === 0
  const state = { claimed: false, since: Date.now(), present: [], missing: [], machines: [] }
  return { options, directory, settings, alone, state }
}

/** The titles of the steps of {@link up}. */
export const upTitles = ({ alone }: { alone: boolean }): string[] =>
  alone
    ? ['Data folder', 'Control plane']
    : ['Data folder', 'Docker engine', 'Node image', 'Node network', 'Control plane', 'Nodes', 'Nodes Ready']
