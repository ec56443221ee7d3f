import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { candidates, type WantedPort } from './wanted.ts'

/** Where the desktop answers: loopback alone, nothing of a cluster is shown to the network. */
export const desktopAddress = '127.0.0.1'

/** Opens a stream to a port of a service (`namespace/name`) in the cluster. */
export type DialCluster = (key: string, to: WantedPort) => Promise<Duplex>

interface Listener {
  wanted: WantedPort
  server: Server
  sockets: Set<Socket>
  port: number
}

/** The desktop's open ports, by service; each relays its connections to what the service's proxies answer. */
export class Listeners {
  readonly #open = new Map<string, Listener[]>()
  readonly #dial: DialCluster

  constructor(dial: DialCluster) {
    this.#dial = dial
  }

  /**
   * Opens what is wanted of a service, closes the rest. Returns the port on which each answers; rejects when the desktop refuses even a port of its
   * own choice.
   */
  async apply(
    key: string,
    wanted: readonly WantedPort[],
    kept: ReadonlyMap<number, number>,
  ): Promise<Map<number, number>> {
    const before = this.#open.get(key) ?? []
    const stays = (listener: Listener): boolean => wanted.some((one) => isSame(one, listener.wanted))
    const now = before.filter(stays)
    this.#open.set(key, now)
    await Promise.all(before.filter((listener) => !stays(listener)).map(close))
    for (const one of wanted) {
      if (now.some((listener) => isSame(one, listener.wanted))) continue
      now.push(await this.#listen(key, one, kept.get(one.port)))
    }
    if (now.length === 0) this.#open.delete(key)
    return new Map(now.map(({ wanted: { port }, port: answers }) => [port, answers]))
  }

  async close(): Promise<void> {
    const all = [...this.#open.values()].flat()
    this.#open.clear()
    await Promise.all(all.map(close))
  }

  async #listen(key: string, wanted: WantedPort, kept: number | undefined): Promise<Listener> {
    for (const port of candidates(wanted.port, kept)) {
      const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true })
      if (!(await isBound(server, port))) continue
      const listener = { wanted, server, sockets: new Set<Socket>(), port: (server.address() as AddressInfo).port }
      server.on('connection', (socket) => this.#relay(key, listener, socket))
      return listener
    }
    throw new Error(`no port of ${desktopAddress} is free for port ${wanted.port}`)
  }

  #relay(key: string, { wanted, sockets }: Listener, socket: Socket): void {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // Whoever called sees its connection end; nobody else needs to hear of it.
    socket.on('error', () => socket.destroy())
    this.#dial(key, wanted).then(
      (stream) => join(socket, stream),
      () => socket.resetAndDestroy(),
    )
  }
}

const isSame = (a: WantedPort, b: WantedPort): boolean =>
  a.port === b.port && a.host === b.host && a.target === b.target && a.balanced === b.balanced

function join(socket: Socket, stream: Duplex): void {
  if (socket.destroyed) {
    stream.destroy()
    return
  }
  stream.on('error', () => socket.resetAndDestroy())
  // A stream that closes before its end was cut: whoever called must not take what came for all.
  stream.once('close', () => (stream.readableEnded ? socket.destroySoon() : socket.resetAndDestroy()))
  socket.once('close', () => stream.destroy())
  socket.pipe(stream)
  stream.pipe(socket)
}

/** False when somebody has the port, or it needs rights that this process has not. */
function isBound(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false)
      else reject(error)
    })
    server.listen(port, desktopAddress, () => resolve(true))
  })
}

async function close({ server, sockets }: Listener): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  for (const socket of sockets) socket.destroy()
  await closed
}
