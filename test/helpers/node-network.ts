/**
 * A node's network without a node: a namespace of the kernel with a bridge and pods on it, and one beyond that stands for the rest of the world.
 * Rules are applied inside, by the very commands that a node runs; nothing outside of the namespaces is touched.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createHost } from '../../src-node/host/index.ts'
import { command } from './command.ts'
import { Namespaces } from './namespaces.ts'

const DNS = '10.96.0.10'

/** Answers with its name on every TCP port, and on UDP port 53 of one address: an answer must come from where the question went. */
const ANSWERING = `
const [name, asked, ...ports] = process.argv.slice(1)
for (const port of ports) require('net').createServer((socket) => socket.end(name)).listen(Number(port), '0.0.0.0')
const udp = require('dgram').createSocket('udp4')
udp.on('message', (message, { address, port }) => udp.send(name, port, address))
udp.bind(53, asked, () => console.log('ready'))
`

const ECHOING = `
require('net').createServer((socket) => socket.pipe(socket)).listen(Number(process.argv[1]), '0.0.0.0', () => console.log('ready'))
`

/** Why this machine cannot play a node; undefined when it can. */
export function whyNoNodeNetwork(): string | undefined {
  if (process.platform !== 'linux') return 'only Linux has network namespaces'
  if (process.getuid?.() !== 0) return 'making network namespaces takes root'
  for (const [program, ...args] of [
    ['ip', '-V'],
    ['iptables', '-V'],
    ['ipset', '-v'],
    ['conntrack', '-V'],
  ])
    if (spawnSync(program!, args).status !== 0) return `${program} is not installed`
  return undefined
}

export class NodeNetwork {
  readonly #spaces: Namespaces
  readonly #servers: ChildProcess[] = []
  #links = 0

  /** Letters that tell the test, see `Namespaces`. */
  constructor(kind: string) {
    this.#spaces = new Namespaces(kind)
  }

  /** The node: 172.28.0.11 to the outside, 10.244.1.1 to its pods, and the DNS address that it answers itself. */
  async start(): Promise<void> {
    await this.#spaces.add('node')
    await this.#spaces.add('world')
    await this.#spaces.setUp(
      'node',
      'link add docker0 type bridge',
      'addr add 10.244.1.1/24 dev docker0',
      'link set docker0 up',
      `addr add ${DNS}/32 dev lo`,
    )
    for (const setting of ['net.ipv4.ip_forward=1', 'net.bridge.bridge-nf-call-iptables=1'])
      await this.inside('node', 'sysctl', '-qw', setting)
    await this.#spaces.setUp(
      'node',
      `link add eth0 type veth peer name eth0 netns ${this.#spaces.space('world')}`,
      'addr add 172.28.0.11/24 dev eth0',
      'link set eth0 up',
    )
    await this.#spaces.setUp(
      'world',
      'addr add 172.28.0.1/24 dev eth0',
      'link set eth0 up',
      'route add 10.244.1.0/24 via 172.28.0.11',
    )
    await this.#spaces.setUp('node', 'route add default via 172.28.0.1')
  }

  /** An address beyond the node, as other nodes' pods and the internet have. */
  async beyond(address: string): Promise<void> {
    await this.ip('world', 'addr', 'add', `${address}/32`, 'dev', 'lo')
  }

  async addPod(name: string, address: string): Promise<void> {
    await this.#spaces.add(name)
    await this.#spaces.joinBridge(name, { node: 'node', address, link: `veth${this.#links++}` })
  }

  /** Opens ports in a namespace, and UDP 53; resolves when they are open. */
  async serve(name: string, ...ports: number[]): Promise<void> {
    const asked = name === 'node' ? DNS : '0.0.0.0'
    const script = ['-e', ANSWERING, name, asked, ...ports.map(String)]
    const args = this.#spaces.words(name, process.execPath, ...script)
    await this.#started(name, args)
  }

  async #started(name: string, args: readonly string[]): Promise<void> {
    const server = spawn('ip', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#servers.push(server)
    await new Promise<void>((resolve, reject) => {
      server.stdout.once('data', () => resolve())
      server.once('exit', (code) => reject(new Error(`the server in ${name} ended with ${code}`)))
    })
  }

  /** Opens a port that gives back every line. */
  async serveEcho(name: string, port: number): Promise<void> {
    const args = this.#spaces.words(name, process.execPath, '-e', ECHOING, String(port))
    await this.#started(name, args)
  }

  inside(name: string, program: string, ...args: string[]): Promise<string> {
    return this.#spaces.inside(name, program, ...args)
  }

  ip(name: string, ...args: string[]): Promise<string> {
    return this.#spaces.ip(name, ...args)
  }

  /** What the node's agent runs commands by. */
  get host() {
    const { run: inRoot } = createHost()
    return {
      run: (program: string, args: readonly string[], options?: { stdin?: string }) =>
        inRoot('ip', this.#spaces.words('node', program, ...args), options),
    }
  }

  /** The name of what answers a new TCP connection; undefined when nothing does soon. `from` is an address of the sender's, if it has several. */
  async dial(sender: string, address: string, port: number, from?: string): Promise<string | undefined> {
    const bind = from ? `,bind=${from}` : ''
    return this.#asked(sender, 'socat', '-u', '-T', '1', `TCP4:${address}:${port},connect-timeout=0.6${bind}`, '-')
  }

  /** The same of a question on UDP; `from` is the port that it is sent from. */
  async ask(
    sender: string,
    address: string,
    { port = 53, from }: { port?: number; from?: number } = {},
  ): Promise<string | undefined> {
    const bind = from ? `,sourceport=${from}` : ''
    return this.#asked(sender, 'sh', '-c', `echo q | socat -t 0.6 - UDP4:${address}:${port}${bind}`)
  }

  /** A connection that stays: `echo` gives what comes back, within two seconds. */
  async hold(sender: string, address: string, port: number) {
    const words = this.#spaces.words(sender, 'socat', '-', `TCP4:${address}:${port},connect-timeout=1`)
    const child = spawn('ip', words, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#servers.push(child)
    const echo = (line: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`nothing came back of ${line}`)), 2_000)
        child.stdout.once('data', (chunk: Buffer) => {
          clearTimeout(timer)
          resolve(chunk.toString().trim())
        })
        child.stdin.write(`${line}\n`)
      })
    await echo('begins')
    return { echo, end: () => child.stdin.end() }
  }

  async #asked(sender: string, ...words: [string, ...string[]]): Promise<string | undefined> {
    const { stdout } = await command('ip', this.#spaces.words(sender, ...words), { timeout: 5_000 })
    return stdout.trim() || undefined
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) server.kill()
    await this.#spaces.removeAll()
  }
}
