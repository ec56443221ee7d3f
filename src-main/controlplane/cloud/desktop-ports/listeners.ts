import type { Duplex } from 'node:stream'
import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import type { OpenPort } from './open-port.ts'
import { relayDatagrams, type DatagramWay } from './relay-datagrams.ts'
import { relayStreams } from './relay-streams.ts'
import { candidates, portKey, type Answering, type WantedPort } from './wanted.ts'

/** Where the desktop answers: loopback alone, nothing of a cluster is shown to the network. */
export const DESKTOP_ADDRESS = '127.0.0.1'

/** Opens ways to a port of a service (`namespace/name`) in the cluster. */
export interface DialCluster {
  stream(key: string, to: WantedPort): Promise<Duplex>
  datagrams(key: string, to: WantedPort): Promise<DatagramWay>
}

interface Listener {
  wanted: WantedPort
  open: OpenPort
}

/** The desktop's open ports, by service; each relays what comes to what the service's proxies answer. */
export class Listeners {
  readonly #open = new Map<string, Listener[]>()
  readonly #dial: DialCluster
  readonly #clock: Clock

  constructor(dial: DialCluster, clock: Clock) {
    this.#dial = dial
    this.#clock = clock
  }

  /**
   * Opens what is wanted of a service, closes the rest. Returns the port on which each answers; rejects when the desktop refuses even a port of its
   * own choice.
   */
  async apply(key: string, wanted: readonly WantedPort[], kept: ReadonlyMap<string, number>): Promise<Answering[]> {
    const before = this.#open.get(key) ?? []
    const stays = (listener: Listener): boolean => wanted.some((one) => isSame(one, listener.wanted))
    const now = before.filter(stays)
    this.#open.set(key, now)
    await Promise.all(before.filter((listener) => !stays(listener)).map(({ open }) => open.close()))
    for (const one of wanted) {
      if (now.some((listener) => isSame(one, listener.wanted))) continue
      now.push({ wanted: one, open: await this.#listen(key, one, kept.get(portKey(one))) })
    }
    if (now.length === 0) this.#open.delete(key)
    return now.map(({ wanted: { port, protocol }, open }) => ({ port, protocol, answers: open.port }))
  }

  async close(): Promise<void> {
    const all = [...this.#open.values()].flat()
    this.#open.clear()
    await Promise.all(all.map(({ open }) => open.close()))
  }

  async #listen(key: string, wanted: WantedPort, kept: number | undefined): Promise<OpenPort> {
    for (const port of candidates(wanted.port, kept)) {
      const open = await (wanted.protocol === 'TCP'
        ? relayStreams(DESKTOP_ADDRESS, port, () => this.#dial.stream(key, wanted))
        : relayDatagrams(DESKTOP_ADDRESS, port, () => this.#dial.datagrams(key, wanted), this.#clock))
      if (open) return open
    }
    throw new Error(`no port of ${DESKTOP_ADDRESS} is free for port ${wanted.port}`)
  }
}

const isSame = (a: WantedPort, b: WantedPort): boolean =>
  a.port === b.port &&
  a.protocol === b.protocol &&
  a.host === b.host &&
  a.target === b.target &&
  a.balanced === b.balanced
