/**
 * Where pods are, for nginx, by DNS on this machine. nginx without extensions reads the servers of an upstream from its configuration only, and each reload closes
 * the connections that clients keep, at times under a request that is on its way. So what changes with every pod is asked for by name, once a second and worker at
 * most, and the configuration changes with Ingresses and Services alone. Rejected: the service's cluster IP (no second try at another pod), Lua (another
 * dependency in every node). The cost: a server that fails is not remembered from one request to the next.
 */
import { createSocket, type Socket } from 'node:dgram'
import { decode, encode, RECURSION_AVAILABLE } from 'dns-packet'

/** RFC 1035, "RCODE": there is no such name. */
const NO_SUCH_NAME = 3

/** Answers nginx's questions for upstreams by UDP, from what the model holds; a name that is not in it does not exist. */
export class NamesServer {
  #addresses: ReadonlyMap<string, readonly string[]> = new Map()
  #socket: Socket | undefined

  /** Answers at a port of the loopback address; 0 for any that is free. Answers the port. */
  start(port: number): Promise<number> {
    const socket = createSocket('udp4')
    this.#socket = socket
    socket.on('message', (message, from) => {
      const answer = this.#answer(message)
      if (answer) socket.send(answer, from.port, from.address)
    })
    return new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(port, '127.0.0.1', () => resolve(socket.address().port))
    })
  }

  /** From now on these are the names there are. */
  set(addresses: ReadonlyMap<string, readonly string[]>): void {
    this.#addresses = addresses
  }

  stop(): Promise<void> {
    return new Promise((resolve) => (this.#socket ? this.#socket.close(() => resolve()) : resolve()))
  }

  /** Nothing to what is no question. */
  #answer(message: Buffer): Uint8Array | undefined {
    let query
    try {
      query = decode(message)
    } catch {
      return undefined
    }
    const [question] = query.questions ?? []
    if (query.type !== 'query' || !question) return undefined
    const addresses = this.#addresses.get(question.name.toLowerCase())
    const answers = question.type === 'A' ? (addresses ?? []) : []
    return encode({
      type: 'response',
      id: query.id ?? 0,
      flags: RECURSION_AVAILABLE | (addresses ? 0 : NO_SUCH_NAME),
      questions: [question],
      answers: answers.map((data) => ({ type: 'A' as const, name: question.name, ttl: 1, data })),
    })
  }
}
