import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** Listens on a free loopback port and resolves with it. */
export function listen(server: { listen: Server['listen']; address: Server['address'] }): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

/** A TCP relay whose wire can be cut silently (`freeze`: no byte, no FIN) or loudly (`reset`), or hold what is sent until later (`hold`, `release`). */
export async function relayTo(port: number) {
  let frozen = false
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (chunk) => !frozen && to.write(chunk))
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  return {
    port: await listen(server),
    freeze: () => (frozen = true),
    thaw: () => (frozen = false),
    hold() {
      for (const socket of sockets) socket.pause()
    },
    release() {
      for (const socket of sockets) socket.resume()
    },
    reset() {
      for (const socket of sockets) socket.destroy()
    },
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
