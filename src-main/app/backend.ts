import { join } from 'node:path'
import { combineSources, kubeconfigSource } from '../gateway/cluster-sources.ts'
import { DESKTOP_PORT, startGateway } from '../gateway/index.ts'
import { MachineClusters } from '../gateway/machine-clusters.ts'
import { openPreferences, preferencesPath } from '../gateway/preferences/preferences.ts'
import { TaskBoard } from '../gateway/tasks.ts'
import type { Backend } from './app.ts'

/** What the app's process runs besides its window: gateway and, where asked for, a cluster. */
export interface BackendOptions {
  /** Name of the cluster that is started with the app, when there is one of it. */
  cluster: string
  /** Makes that one, with the usual number of nodes, where there is none at all; else the window offers to. */
  create: boolean
  rendererDirectory: string
  version: string
}

/**
 * Opens the gateway to all clusters of this machine and to those of kubeconfig, and starts the one that is used most. Each has a host
 * of its own, which outlives the app; the window is there at once, shows their steps, and offers to make the first cluster.
 */
export async function startBackend({ cluster, create, rendererDirectory, version }: BackendOptions): Promise<Backend> {
  const machine = new MachineClusters({ program: commandLine, tasks: new TaskBoard() })
  const others = await kubeconfigSource({ skip: ({ connection }) => machine.isOwn(connection) })
  const clusters = combineSources([machine, others])
  const preferences = openPreferences(preferencesPath())
  const gateway = await startGateway({ clusters, preferences, rendererDirectory, version, port: DESKTOP_PORT })
  // Whether it can be started is told in the window, with the remedy.
  machine.startUsual(cluster, { create }).catch(() => undefined)
  return { issueUrl: gateway.issueUrl, stop: () => gateway.stop() }
}

/** The command line beside the main bundle, run by Electron as Node. */
const commandLine = {
  command: process.execPath,
  args: [join(import.meta.dirname, '../cli/drydock.js')],
  env: { ELECTRON_RUN_AS_NODE: '1' },
}

/** Where the renderer lies beside the main bundle. */
export const builtRenderer = join(import.meta.dirname, '../renderer')
