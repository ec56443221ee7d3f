import { createSocket } from 'node:dgram'
import { Duplex } from 'node:stream'
import { datagramFrame, DatagramFrames } from '../../../src-wire/tunnel/datagrams.ts'

/**
 * A UDP socket of the node's network that talks to one address, as a stream of datagrams with their lengths before them. What comes while nobody reads
 * is lost, as datagrams may be. The stream fails when the address says that nobody is there; whoever stops using it destroys it.
 */
export function dialDatagrams(host: string, port: number): Promise<Duplex> {
  const socket = createSocket('udp4')
  const frames = new DatagramFrames()
  let isRead = true
  const stream = new Duplex({
    read: () => void (isRead = true),
    write(chunk: Buffer, _encoding, done) {
      for (const datagram of frames.add(chunk)) socket.send(datagram)
      done()
    },
    destroy(error, done) {
      socket.close(() => done(error))
    },
  })
  socket.on('message', (datagram) => {
    if (isRead) isRead = stream.push(datagramFrame(datagram))
  })
  return new Promise((resolve, reject) => {
    socket.on('error', (error) => {
      stream.on('error', () => undefined)
      stream.destroy(error)
      reject(error)
    })
    socket.once('connect', () => resolve(stream))
    socket.connect(port, host)
  })
}
