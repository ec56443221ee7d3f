import type { KubeletOptions } from './options.ts'
import { limitsStorage, storageExcess } from './plan/local-storage.ts'
import { storageOf, type UsageOptions } from './pod-usage.ts'
import type { PodWorker } from './pod-worker.ts'
import { repeat } from './repeat.ts'

/** Milliseconds between two looks, as upstream's. */
const INTERVAL = 10_000

type WatchOptions = UsageOptions & Pick<KubeletOptions, 'clock' | 'signal' | 'log'>
type Watched = Pick<PodWorker, 'pod' | 'observed' | 'takesRoom' | 'evict'>

/** Evicts pods that put more on the node's disk than they may; only those that have a limit are measured. */
export function watchStorage(options: WatchOptions, workers: () => Iterable<Watched>): void {
  const { clock, signal, log } = options
  const look = async (): Promise<void> => {
    for (const worker of workers()) {
      if (!worker.takesRoom || !limitsStorage(worker.pod)) continue
      const words = storageExcess(worker.pod, await storageOf(options, worker))
      if (words !== undefined) worker.evict({ words })
    }
  }
  const failed = (words: string): void => log(`local storage: ${words}`)
  // Nothing has been written yet.
  clock.after(INTERVAL, () => repeat(look, { interval: INTERVAL, clock, signal, failed }))
}
