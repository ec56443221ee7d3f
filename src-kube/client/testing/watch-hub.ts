import type { WatchEvent } from '../../machinery/meta.ts'

/** History and followers of each resource of a fake server. */
export class WatchHub {
  readonly #history = new Map<string, WatchEvent[]>()
  readonly #compacted = new Map<string, number>()
  readonly #followers = new Map<string, Set<() => void>>()
  readonly #epochs = new Map<string, number>()

  publish(table: string, event: WatchEvent): void {
    const history = this.#history.get(table) ?? []
    this.#history.set(table, history)
    history.push(event)
    this.#wake(table)
  }

  /** Ends the streams of a table; with `compact` its history is forgotten too. */
  break(table: string, compact: boolean): void {
    this.#epochs.set(table, (this.#epochs.get(table) ?? 0) + 1)
    if (compact) this.#compacted.set(table, Number.MAX_SAFE_INTEGER)
    this.#wake(table)
  }

  /** The oldest revision that can be resumed from. The first refusal restores service for those who have listed anew. */
  compacted(table: string): number {
    const value = this.#compacted.get(table) ?? 0
    this.#compacted.delete(table)
    return value
  }

  async *follow(table: string, from: number, signal: AbortSignal): AsyncIterable<WatchEvent> {
    const epoch = this.#epochs.get(table) ?? 0
    let last = from
    let at = 0
    while (!signal.aborted && epoch === (this.#epochs.get(table) ?? 0)) {
      const event = this.#history.get(table)?.[at]
      if (!event) {
        await this.#change(table, signal)
        continue
      }
      at++
      const revision = Number(event.object.metadata.resourceVersion)
      if (revision <= last) continue
      last = revision
      yield event
    }
  }

  #change(table: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const followers = this.#followers.get(table) ?? new Set()
      this.#followers.set(table, followers)
      const finish = () => {
        followers.delete(finish)
        signal.removeEventListener('abort', finish)
        resolve()
      }
      followers.add(finish)
      signal.addEventListener('abort', finish, { once: true })
    })
  }

  #wake(table: string): void {
    this.#followers.get(table)?.forEach((follower) => follower())
  }
}
