import { join } from 'node:path'
import type { KubeletOptions } from './options.ts'
import { limitsStorage, scratchVolumes, storageExcess, type StorageUsed } from './plan/local-storage.ts'
import type { PodWorker } from './pod-worker.ts'

/** Milliseconds between two looks, as upstream's. */
const INTERVAL = 10_000

type WatchOptions = Pick<KubeletOptions, 'docker' | 'host' | 'stateDirectory' | 'clock' | 'signal' | 'log'>
type Watched = Pick<PodWorker, 'pod' | 'observed' | 'takesRoom' | 'evict'>

/** Evicts pods that put more on the node's disk than they may; only those that have a limit are measured. */
export function watchStorage(options: WatchOptions, workers: () => Iterable<Watched>): void {
  const { clock, signal, log } = options
  const look = async (): Promise<void> => {
    for (const worker of workers()) {
      if (!worker.takesRoom || !limitsStorage(worker.pod)) continue
      const words = storageExcess(worker.pod, await measure(options, worker))
      if (words !== undefined) worker.evict(words)
    }
  }
  const again = (): void => {
    if (signal.aborted) return
    look()
      .catch((error: unknown) => log(`local storage: ${error instanceof Error ? error.message : String(error)}`))
      .finally(() => clock.after(INTERVAL, again))
  }
  clock.after(INTERVAL, again)
}

/** A container that is asked for what it has written; the client's own types do not know of that. */
interface SizedContainer {
  inspect(options: { size: true }): Promise<{ SizeRw?: number }>
}

async function measure(
  { docker, host, stateDirectory }: WatchOptions,
  { pod, observed }: Watched,
): Promise<StorageUsed> {
  const [volumes, containers] = [new Map<string, number>(), new Map<string, number>()]
  const directory = join(stateDirectory, 'pods', pod.metadata.uid, 'volumes', 'kubernetes.io~empty-dir')
  for (const { name } of scratchVolumes(pod)) {
    // A file may go while it is counted: what the rest comes to is told all the same.
    const { stdout } = await host.run('sh', ['-c', 'du -sB1 -- "$1" || true', 'du', join(directory, name)])
    volumes.set(name, Number(/^\d+/.exec(stdout)?.[0] ?? 0))
  }
  for (const { id, name } of observed.filter(({ state }) => state === 'running')) {
    const container = docker.getContainer(id) as unknown as SizedContainer
    containers.set(name, (await container.inspect({ size: true })).SizeRw ?? 0)
  }
  return { volumes, containers }
}
