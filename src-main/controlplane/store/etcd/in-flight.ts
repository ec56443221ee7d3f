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
