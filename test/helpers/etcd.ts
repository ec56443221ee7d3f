import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { ownFolder } from './leftovers.ts'

const program = join(import.meta.dirname, '../../.cache/clients/etcd')

/** Whether there is an etcd to test with: `npm test` unpacks Debian's on a Debian. */
export const hasEtcd = existsSync(program)

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Paths of PEM files: with them clients are spoken to by TLS, and have to show a certificate. */
interface EtcdFiles {
  ca: string
  cert: string
  key: string
}

/** A real etcd of one member, on ports and in a folder of its own, found there after a run that was cut off. */
export class RealEtcd {
  readonly directory: string
  readonly #ports: { client: number; peer: number }
  readonly #tls: EtcdFiles | undefined
  #process: ChildProcess | undefined

  private constructor(kind: string, ports: { client: number; peer: number }, tls?: EtcdFiles) {
    this.directory = ownFolder(kind)
    this.#ports = ports
    this.#tls = tls
  }

  /** `kind`: the kind of test that starts it. */
  static async start(kind: string, tls?: EtcdFiles): Promise<RealEtcd> {
    const etcd = new RealEtcd(kind, { client: await freePort(), peer: await freePort() }, tls)
    await etcd.start()
    return etcd
  }

  get url(): string {
    return `${this.#tls ? 'https' : 'http'}://127.0.0.1:${this.#ports.client}`
  }

  /** Resolves when it serves; again, after {@link kill}, what it had. */
  async start(): Promise<void> {
    const peer = `http://127.0.0.1:${this.#ports.peer}`
    const flags = {
      'data-dir': join(this.directory, 'data'),
      'listen-client-urls': this.url,
      'advertise-client-urls': this.url,
      'listen-peer-urls': peer,
      'initial-advertise-peer-urls': peer,
      'initial-cluster': `default=${peer}`,
    }
    const tls = this.#tls && {
      'cert-file': this.#tls.cert,
      'key-file': this.#tls.key,
      'trusted-ca-file': this.#tls.ca,
      'client-cert-auth': 'true',
    }
    const words = Object.entries({ ...flags, ...tls }).map(([flag, value]) => `--${flag}=${value}`)
    const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#process = child
    writeFileSync(join(this.directory, 'etcd.json'), JSON.stringify({ pid: child.pid }))
    await new Promise<void>((resolve, reject) => {
      let said = ''
      child.stderr.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-4096)
        if (said.includes('ready to serve client requests')) resolve()
      })
      child.once('exit', (code) => reject(new Error(`etcd ended (${code}): ${said}`)))
    })
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (!child) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }

  async delete(): Promise<void> {
    await this.kill()
    rmSync(this.directory, { recursive: true, force: true })
  }
}
