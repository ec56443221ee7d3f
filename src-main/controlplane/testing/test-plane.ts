import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type Client } from '../../../src-kube/client/typed-client.ts'
import { systemClock } from '../../../src-kube/machinery/clock.ts'
import { httpTransport, type HttpTransport } from '../../../src-wire/http-transport.ts'
import type { NodeServices } from '../../../src-wire/node/pod-streams.ts'
import { localStreams } from '../../../src-wire/testing/local-streams.ts'
import { connectTunnel } from '../../../src-wire/tunnel/connect-tunnel.ts'
import { startControlPlane, type ControlPlane } from '../control-plane.ts'
import type { ControlPlaneOptions } from '../protocol.ts'
import { openPki } from '../pki/index.ts'

export interface Answer {
  code: number
  headers: Record<string, unknown>
  text: string
}

export interface TestPlaneOptions {
  /** Default: loopback alone. */
  addresses?: ControlPlaneOptions['addresses']
  /** Runs before the start, in the data directory. */
  prepare?: (directory: string) => void
}

/** A whole control plane in this process, on a free port and in a directory of its own, which goes when it stops. */
export class TestPlane {
  readonly directory: string
  readonly #plane: ControlPlane
  readonly #api: HttpTransport
  readonly #nodes = new AbortController()

  static async start(name: string, { addresses = [], prepare }: TestPlaneOptions = {}): Promise<TestPlane> {
    const directory = mkdtempSync(join(tmpdir(), `drydock-${name}-`))
    prepare?.(directory)
    const starting = startControlPlane({
      cluster: name,
      directory,
      token: 'abcdef.0123456789abcdef',
      port: 0,
      fixedPort: false,
      addresses,
      clusterCidr: '10.244.0.0/16',
      serviceCidr: '10.96.0.0/16',
      log: () => {},
    })
    starting.catch(() => rmSync(directory, { recursive: true, force: true }))
    return new TestPlane(directory, await starting)
  }

  private constructor(directory: string, plane: ControlPlane) {
    this.directory = directory
    this.#plane = plane
    this.#api = httpTransport({ server: this.server, ...plane.admin })
  }

  get port(): number {
    return this.#plane.port
  }

  get server(): string {
    return `https://127.0.0.1:${this.port}`
  }

  /** What the administrator proves themselves with, in PEM. */
  get admin(): ControlPlane['admin'] {
    return this.#plane.admin
  }

  /** The API as the administrator has it. */
  get api(): HttpTransport {
    return this.#api
  }

  get client(): Client {
    return createClient(this.#api)
  }

  /** One request as the administrator, or as whom the headers name: impersonated, or proven by a token alone. */
  ask(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> {
    const { ca, cert, key } = this.#plane.admin
    const own = headers['authorization'] ? { ca } : { ca, cert, key }
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    const all = { ...(body ? { 'content-type': type } : {}), ...headers }
    return new Promise((resolve, reject) => {
      const where = { host: '127.0.0.1', port: this.port, method, path, ...own, headers: all }
      const sending = request(where, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (piece: string) => (text += piece))
        response.on('end', () => resolve({ code: response.statusCode ?? 0, headers: response.headers, text }))
      })
      sending.on('error', reject)
      sending.end(body && JSON.stringify(body))
    })
  }

  /** Dials as a node that offers these services and nothing else. */
  async connectNode(node: string, services: Partial<NodeServices>): Promise<void> {
    const pki = await openPki(join(this.directory, 'pki'), { clock: systemClock, sans: { dns: [], ips: [] } })
    const tls = { ca: pki.ca.cert, ...(await pki.client(`system:node:${node}`, ['system:nodes'])) }
    const { signal } = this.#nodes
    connectTunnel({ server: this.server, tls, node, streams: localStreams(services), signal })
  }

  /** Ends it; what it has written stays until {@link remove}. */
  async end(): Promise<void> {
    this.#nodes.abort()
    this.#api.close()
    await this.#plane.stop()
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }

  async stop(): Promise<void> {
    await this.end()
    this.remove()
  }
}
