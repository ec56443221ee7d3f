import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { ClusterSummary } from '../../src-wire/gateway/messages.ts'
import type { ClusterSource } from './cluster-actions.ts'
import { readKubeconfig, type KubeconfigContext } from './kubeconfig.ts'

/** The files that kubectl would read: those of `KUBECONFIG`, else `~/.kube/config`. */
export function kubeconfigPaths(environment: Record<string, string | undefined> = process.env): string[] {
  const listed = (environment['KUBECONFIG'] ?? '').split(delimiter).filter(Boolean)
  return listed.length > 0 ? listed : [join(homedir(), '.kube/config')]
}

/**
 * The contexts of kubeconfig files as clusters; the first file that names a context wins, files that cannot be read are
 * reported and left out. `skip` names contexts that are own clusters; it is asked each time, as these come and go.
 */
export async function kubeconfigSource(options: {
  paths?: string[]
  skip?: (context: KubeconfigContext) => boolean
  log?: (message: string) => void
}): Promise<ClusterSource> {
  const contexts = new Map<string, KubeconfigContext>()
  for (const path of options.paths ?? kubeconfigPaths()) {
    const found = await readKubeconfig(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') options.log?.(`${path} cannot be read: ${error.message}`)
      return []
    })
    for (const context of found) {
      if (!contexts.has(context.name)) contexts.set(context.name, context)
    }
  }
  const idOf = (name: string): string => `kubeconfig:${name}`
  const byId = new Map([...contexts].map(([name, context]) => [idOf(name), context]))
  const summaryOf = ({ name, namespace, problem }: KubeconfigContext): ClusterSummary => ({
    id: idOf(name),
    name,
    own: false,
    state: problem ? 'failed' : 'unknown',
    ...(namespace ? { namespace } : {}),
    ...(problem ? { message: problem } : {}),
  })
  const shown = (): KubeconfigContext[] => [...contexts.values()].filter((context) => !options.skip?.(context))
  return {
    list: () => shown().map(summaryOf),
    connection(id) {
      const context = byId.get(id)
      if (context?.problem) throw new Error(context.problem)
      return context?.connection
    },
    actions: () => undefined,
    subscribe: () => () => undefined,
  }
}

/** Several sources as one, in this order; ids must differ. */
export function combineSources(sources: readonly ClusterSource[]): ClusterSource {
  const ownerOf = (id: string): ClusterSource | undefined =>
    sources.find((source) => source.list().some((c) => c.id === id))
  const { machine } = sources.find((source) => source.machine) ?? {}
  const { tasks } = sources.find((source) => source.tasks) ?? {}
  return {
    list: () => sources.flatMap((source) => source.list()),
    connection: (id) => ownerOf(id)?.connection(id),
    actions: (id) => ownerOf(id)?.actions(id),
    subscribe(listener) {
      const ends = sources.map((source) => source.subscribe(listener))
      return () => ends.forEach((end) => end())
    },
    ...(machine ? { machine } : {}),
    ...(tasks ? { tasks } : {}),
  }
}
