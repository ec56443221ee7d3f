/**
 * Where nginx has people sent who are to sign in. The place that they come back to stands in the query of the place that they are sent to, and nginx without
 * extensions cannot encode what stands there: it asks this process, which answers with the redirection.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ESCAPED_MARK, signInHeaders } from '../plan/render-auth.ts'

/** Tells nginx where a browser without a session is to sign in, with the page it wanted in the address. */
export class SignInServer {
  #server: Server | undefined

  /** Answers at a port of the loopback address; 0 for any that is free. Answers the port. */
  start(port: number): Promise<number> {
    const server = createServer(({ headers }, response) => {
      const [place, asked] = signInHeaders.map((name) => headers[name])
      if (typeof place !== 'string' || typeof asked !== 'string') return void response.writeHead(400).end()
      response.writeHead(302, { location: place.replaceAll(ESCAPED_MARK, encodeURIComponent(asked)) }).end()
    })
    this.#server = server
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
    })
  }

  stop(): Promise<void> {
    this.#server?.closeAllConnections()
    return new Promise((resolve) => (this.#server ? this.#server.close(() => resolve()) : resolve()))
  }
}
