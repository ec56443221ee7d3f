import type { Clock, Timer } from '../../../../src-kube/machinery/clock.ts'
import type { EtcdClient } from './client.ts'
import type { EtcdStore } from './etcd-store.ts'

/** Upstream's own key and default (kube-apiserver, `--etcd-compaction-interval`): API servers of either kind take turns. */
const KEY = 'compact_rev_key'
const FIVE_MINUTES = 5 * 60_000

/** What is compacted, and how often. */
export interface CompactorOptions {
  client: Pick<EtcdClient, 'write'>
  store: Pick<EtcdStore, 'revision' | 'compact' | 'forget'>
  clock: Clock
  /** Hears why etcd could not be compacted; the next turn tries again. */
  log: (message: string, error: unknown) => void
  /** Milliseconds between two turns. Default 5 min. */
  every?: number
}

/**
 * Has etcd forget the past again and again, so that five to ten minutes of it stay. Of all instances the one that writes the key first in a turn
 * compacts; each lets go of what it holds itself. Returns the end of it.
 */
export function keepCompacting({ client, store, clock, log, every = FIVE_MINUTES }: CompactorOptions): () => void {
  let stopped = false
  /** The key's last revision as we know it. */
  let known = 0
  /** Where the store was at the last turn. */
  let before = store.revision
  let timer: Timer = clock.after(every, turn)

  function turn(): void {
    takeTurn()
      .catch((error: unknown) => log('etcd was not compacted', error))
      .finally(() => {
        if (!stopped) timer = clock.after(every, turn)
      })
  }

  async function takeTurn(): Promise<void> {
    const [then, now] = [before, store.revision]
    const answer = await client.write({ key: KEY, expected: known, value: Buffer.from(String(now)) })
    before = now
    known = answer.succeeded ? answer.revision : (answer.present?.modRevision ?? 0)
    if (answer.succeeded) await store.compact(then)
    else store.forget(then)
  }

  return () => {
    stopped = true
    timer.cancel()
  }
}
