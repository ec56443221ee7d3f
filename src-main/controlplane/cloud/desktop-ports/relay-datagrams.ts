/**
 * UDP has no connections, so each client (an address and a port) gets a flow, as it gets one in a kernel's connection tracking: a stream of the tunnel
 * from its first datagram on, until nothing has gone either way for {@link IDLE}. Datagrams are lost, never late: those beyond {@link MOST_WAITING}
 * while a flow is made or its stream is behind, those of clients beyond {@link MOST_FLOWS}.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import type { Duplex } from 'node:stream'
import type { Clock, Timer } from '../../../../src-kube/machinery/clock.ts'
import { datagramFrame, DatagramFrames } from '../../../../src-wire/tunnel/datagrams.ts'
import type { OpenPort } from './open-port.ts'

/** A stream of datagrams to an endpoint, and whether the next datagram may still go there. */
export interface DatagramWay {
  stream: Duplex
  stands(): boolean
}

/** Milliseconds: Linux' own for a flow that was answered (`nf_conntrack_udp_timeout_stream`). */
const IDLE = 120_000
/** Bytes that wait for a flow, and flows of a port. */
const [MOST_WAITING, MOST_FLOWS] = [256 * 1024, 1024]

/** Undefined when somebody has the port, or it needs rights that this process has not. */
export async function relayDatagrams(
  address: string,
  port: number,
  dial: () => Promise<DatagramWay>,
  clock: Clock,
): Promise<OpenPort | undefined> {
  const socket = createSocket('udp4')
  const bound = await new Promise<boolean>((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false)
      else reject(error)
    })
    socket.bind(port, address, () => resolve(true))
  })
  if (!bound) return undefined
  const flows = new Map<string, Flow>()
  socket.on('message', (datagram, client) => {
    const key = `${client.address}:${client.port}`
    let flow = flows.get(key)
    if (flow && !flow.stands) flow = flow.end()
    if (!flow) {
      if (flows.size >= MOST_FLOWS) return
      flow = new Flow({ socket, client, dial, clock, ended: () => flows.delete(key) })
      flows.set(key, flow)
    }
    flow.send(datagram)
  })
  return {
    port: socket.address().port,
    async close() {
      for (const flow of flows.values()) flow.end()
      await new Promise<void>((resolve) => socket.close(resolve))
    },
  }
}

interface FlowOptions {
  socket: Socket
  client: RemoteInfo
  dial: () => Promise<DatagramWay>
  clock: Clock
  ended: () => void
}

class Flow {
  readonly #options: FlowOptions
  readonly #frames = new DatagramFrames()
  #way: DatagramWay | undefined
  #waiting: Buffer[] = []
  #timer: Timer
  #used: number
  #isOver = false

  constructor(options: FlowOptions) {
    this.#options = options
    this.#used = options.clock.monotonic()
    this.#timer = this.#expire(IDLE)
    options.dial().then(
      (way) => this.#join(way),
      () => this.end(),
    )
  }

  /** False once its endpoint is not one of the service any more: the next datagram goes elsewhere. */
  get stands(): boolean {
    return this.#way?.stands() ?? true
  }

  send(datagram: Buffer): void {
    this.#used = this.#options.clock.monotonic()
    const behind = this.#way ? this.#way.stream.writableLength : this.#waiting.reduce((sum, one) => sum + one.length, 0)
    if (behind + datagram.length > MOST_WAITING) return
    const frame = datagramFrame(datagram)
    if (this.#way) this.#way.stream.write(frame)
    else this.#waiting.push(frame)
  }

  end(): undefined {
    if (this.#isOver) return
    this.#isOver = true
    this.#timer.cancel()
    this.#options.ended()
    this.#way?.stream.destroy()
  }

  #join(way: DatagramWay): void {
    const { stream } = way
    stream.on('error', () => this.end())
    stream.once('close', () => this.end())
    if (this.#isOver) return void stream.destroy()
    this.#way = way
    for (const frame of this.#waiting.splice(0)) stream.write(frame)
    const { socket, client, clock } = this.#options
    stream.on('data', (chunk: Buffer) => {
      this.#used = clock.monotonic()
      for (const datagram of this.#frames.add(chunk))
        if (!this.#isOver) socket.send(datagram, client.port, client.address)
    })
  }

  #expire(after: number): Timer {
    const { clock } = this.#options
    return clock.after(after, () => {
      const left = this.#used + IDLE - clock.monotonic()
      if (left <= 0) this.end()
      else this.#timer = this.#expire(left)
    })
  }
}
