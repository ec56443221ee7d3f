import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { OpenPort } from './open-port.ts'

/**
 * Listens for TCP and relays each connection to a stream of its own. A stream that is cut cuts its connection: whoever called must not take what came
 * for all. Undefined when somebody has the port, or it needs rights that this process has not.
 */
export async function relayStreams(
  address: string,
  port: number,
  dial: () => Promise<Duplex>,
): Promise<OpenPort | undefined> {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true })
  const bound = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false)
      else reject(error)
    })
    server.listen(port, address, () => resolve(true))
  })
  if (!bound) return undefined
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // Whoever called sees its connection end; nobody else needs to hear of it.
    socket.on('error', () => socket.destroy())
    dial().then(
      (stream) => join(socket, stream),
      () => socket.resetAndDestroy(),
    )
  })
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

function join(socket: Socket, stream: Duplex): void {
  if (socket.destroyed) {
    stream.destroy()
    return
  }
  stream.on('error', () => socket.resetAndDestroy())
  stream.once('close', () => (stream.readableEnded ? socket.destroySoon() : socket.resetAndDestroy()))
  socket.once('close', () => stream.destroy())
  socket.pipe(stream)
  stream.pipe(socket)
}
