import type { ProxyEndpoint } from '../rules/model.ts'

interface Kept {
  endpoint: ProxyEndpoint
  /** Milliseconds since the epoch. */
  last: number
}

/** Who is next: endpoints in turn, and with affinity the one that a client had before (kubernetes.io, "Session affinity"). */
export class Turns {
  #endpoints: readonly ProxyEndpoint[] = []
  #affinity: number | undefined
  #next = 0
  /** By the client's address; who was seen last is last. */
  readonly #kept = new Map<string, Kept>()

  /** @param affinitySeconds how long a client that is silent is remembered; absent: nobody is */
  update(endpoints: readonly ProxyEndpoint[], affinitySeconds: number | undefined): void {
    this.#endpoints = endpoints
    this.#affinity = affinitySeconds
    if (affinitySeconds === undefined) this.#kept.clear()
  }

  /** Endpoints for a connection of that client, in the order in which to try them. */
  order(client: string, now: number): ProxyEndpoint[] {
    const count = this.#endpoints.length
    if (count === 0) return []
    const kept = this.#keptOf(client, now)
    const start = kept ? this.#endpoints.indexOf(kept) : this.#next++ % count
    return [...this.#endpoints.slice(start), ...this.#endpoints.slice(0, start)]
  }

  /** The client was taken by that endpoint. */
  keep(client: string, endpoint: ProxyEndpoint, now: number): void {
    if (this.#affinity === undefined) return
    this.#kept.delete(client)
    this.#kept.set(client, { endpoint, last: now })
    for (const [other, { last }] of this.#kept) {
      if (now - last < this.#affinity * 1000) break
      this.#kept.delete(other)
    }
  }

  #keptOf(client: string, now: number): ProxyEndpoint | undefined {
    const kept = this.#kept.get(client)
    if (!kept || this.#affinity === undefined || now - kept.last >= this.#affinity * 1000) return undefined
    return this.#endpoints.find((one) => isSame(one, kept.endpoint))
  }
}

const isSame = (one: ProxyEndpoint, other: ProxyEndpoint): boolean => one.ip === other.ip && one.port === other.port
