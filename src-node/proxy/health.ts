import { createServer, type Server } from 'node:http'
import { type HealthCheck, healthAnswer } from './rules/health-checks.ts'

/** What the health checks of services go by (kubernetes.io, "Create an External Load Balancer: Preserving the client source IP"). */
export interface HealthOptions {
  log(message: string): void
  /** Whether changes reach the kernel: a node where they do not is to take no more. */
  isHealthy(): boolean
  /** Tests listen elsewhere. */
  address?: string | undefined
}

/** Answers load balancers at the health-check ports of services, each on every address of the node. */
export class HealthServers {
  readonly #options: HealthOptions
  readonly #servers = new Map<number, Server>()
  #checks = new Map<number, HealthCheck>()

  constructor(options: HealthOptions) {
    this.#options = options
  }

  /** From now on these are the services that are asked about; what an open port answers follows. */
  update(checks: readonly HealthCheck[]): void {
    this.#checks = new Map(checks.map((check) => [check.port, check]))
    for (const [port, server] of this.#servers) {
      if (this.#checks.has(port)) continue
      this.#servers.delete(port)
      server.closeAllConnections()
      server.close()
    }
    for (const port of this.#checks.keys()) if (!this.#servers.has(port)) this.#open(port)
  }

  close(): void {
    this.update([])
  }

  #open(port: number): void {
    const server = createServer((_request, response) => {
      const check = this.#checks.get(port)
      if (!check) return void response.writeHead(404).end()
      const { status, headers, body } = healthAnswer(check, this.#options.isHealthy())
      response.writeHead(status, { ...headers, connection: 'close' }).end(body)
    })
    this.#servers.set(port, server)
    server.once('error', (error) => {
      // The next change of any service tries again.
      if (this.#servers.get(port) === server) this.#servers.delete(port)
      this.#options.log(`proxy: health check port ${port}: ${error.message}`)
    })
    server.listen(port, this.#options.address)
  }
}
