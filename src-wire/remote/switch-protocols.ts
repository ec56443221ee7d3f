import type { Duplex } from 'node:stream'

/** Sockets that no longer speak HTTP. */
const switched = new WeakSet<Duplex>()

/** Writes `101 Switching Protocols` and resolves when it has left: only then may the socket be handed to another protocol. */
export function switchProtocols(socket: Duplex, headers: Record<string, string>): Promise<void> {
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade']
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  switched.add(socket)
  return new Promise((resolve, reject) => {
    socket.write(`${lines.join('\r\n')}\r\n\r\n`, (error) => (error ? reject(error) : resolve()))
  })
}

/** Refuses an upgrade with an ordinary HTTP answer and closes the connection; one that is already upgraded is just closed. */
export function refuseUpgrade(socket: Duplex, code: number, body: unknown): void {
  if (switched.has(socket)) return void socket.destroy()
  const text = JSON.stringify(body)
  const head = [
    `HTTP/1.1 ${code} ${code === 400 ? 'Bad Request' : 'Refused'}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`)
}
