import { stat } from 'node:fs/promises'
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

/** Milliseconds between two looks whether a file has changed, while somebody looks at the clusters. */
const LOOK_PAUSE = 2000

/**
 * The contexts of kubeconfig files as clusters; files that cannot be read are reported and left out. While a window is open they are read anew
 * when they change, with the files that they refer to: who signs in again need not start the app again. `skip` names contexts that are own
 * clusters; it is asked each time, as these come and go.
 */
export async function kubeconfigSource(options: {
  paths?: string[]
  skip?: (context: KubeconfigContext) => boolean
  log?: (message: string) => void
}): Promise<ClusterSource> {
  const paths = options.paths ?? kubeconfigPaths()
  let config = await readKubeconfig(paths, options.log)
  let stamp = await stampOf(config.files)
  const listeners = new Set<() => void>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const look = async (): Promise<void> => {
    const now = await stampOf(config.files)
    if (now !== stamp) {
      config = await readKubeconfig(paths, options.log)
      stamp = await stampOf(config.files)
      for (const listener of listeners) listener()
    }
    again()
  }
  const again = (): void => {
    clearTimeout(timer)
    timer = listeners.size > 0 ? setTimeout(() => void look(), LOOK_PAUSE).unref() : undefined
  }
  const shown = (): KubeconfigContext[] => config.contexts.filter((context) => !options.skip?.(context))
  return {
    list: () => shown().map(summaryOf),
    connection(id) {
      const context = config.contexts.find(({ name }) => idOf(name) === id)
      if (context?.problem) throw new Error(context.problem)
      return context?.connection
    },
    actions: () => undefined,
    subscribe(listener) {
      listeners.add(listener)
      if (!timer) again()
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) again()
      }
    },
  }
}

const idOf = (name: string): string => `kubeconfig:${name}`

const summaryOf = ({ name, namespace, problem }: KubeconfigContext): ClusterSummary => ({
  id: idOf(name),
  name,
  own: false,
  state: problem ? 'failed' : 'unknown',
  ...(namespace ? { namespace } : {}),
  ...(problem ? { message: problem } : {}),
})

/** Another one when a file came, went or was written. */
async function stampOf(files: readonly string[]): Promise<string> {
  const stamps = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
        () => 'none',
      ),
    ),
  )
  return stamps.join()
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
