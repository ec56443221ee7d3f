/** Lets writes of one key be made one after the other, in the order in which they were asked for; those of others do not wait. */
export class KeyOrder {
  readonly #last = new Map<string, Promise<unknown>>()

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key)
    const mine = before ? before.then(work, work) : work()
    this.#last.set(key, mine)
    try {
      return await mine
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key)
    }
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#last.values())
  }
}

/** Bytes on their way to etcd: when they come back by the watch, those that were sent are kept, by which others know them. */
export class InFlight {
  readonly #byKey = new Map<string, Uint8Array>()

  add(key: string, bytes: Uint8Array): void {
    this.#byKey.set(key, bytes)
  }

  remove(key: string): void {
    this.#byKey.delete(key)
  }

  find(key: string, bytes: Uint8Array): Uint8Array | undefined {
    const sent = this.#byKey.get(key)
    return sent && Buffer.compare(sent, bytes) === 0 ? sent : undefined
  }
}
