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
  stream.on('error', () => cut(socket))
  stream.once('close', () => (stream.readableEnded ? socket.destroySoon() : cut(socket)))
  socket.once('close', () => stream.destroy())
  socket.pipe(stream)
  stream.pipe(socket)
}

/**
 * Ends a connection as one that was cut. One that has been told its end already only ends: Node cannot reset a socket that is shutting down, and would
 * neither close it nor let go of the thread that has it.
 */
function cut(socket: Socket): void {
  if (socket.writableEnded) socket.destroySoon()
  else socket.resetAndDestroy()
}
