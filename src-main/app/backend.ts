import { join } from 'node:path'
import { openCluster } from '../cluster/open.ts'
import { combineSources, kubeconfigSource } from '../gateway/cluster-sources.ts'
import { startGateway } from '../gateway/index.ts'
import { OwnCluster } from '../gateway/own-cluster.ts'
import type { Backend } from './app.ts'

export interface BackendOptions {
  /** Name of the cluster to host; made with three nodes when there is none. */
  cluster: string
  rendererDirectory: string
  version: string
}

/** Hosts the cluster, or attaches to it when it runs already, and opens the gateway to it and to those of kubeconfig. */
export async function startBackend({ cluster, rendererDirectory, version }: BackendOptions): Promise<Backend> {
  const options = { name: cluster }
  const own = new OwnCluster(await openCluster(options), options)
  try {
    const others = await kubeconfigSource({ skip: (context) => context.connection?.server === own.running?.server })
    const gateway = await startGateway({ clusters: combineSources([own, others]), rendererDirectory, version })
    return {
      issueUrl: gateway.issueUrl,
      async stop() {
        await gateway.stop()
        await own.leave()
      },
    }
  } catch (error) {
    await own.leave()
    throw error
  }
}

/** Where the renderer lies beside the main bundle. */
export const builtRenderer = join(import.meta.dirname, '../renderer')
