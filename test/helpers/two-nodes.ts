/**
 * Two nodes without an engine: namespaces of the kernel with the bridge, the overlay and the rules that agents make, pods on them, and the agent's
 * tracing in each. Nothing outside of the namespaces is touched.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src-kube/machinery/clock.ts'
import { overlayRules } from '../../src-node/flannel/plan/masquerade.ts'
import { createHost } from '../../src-node/host/index.ts'
import { iptablesRules, jumps } from '../../src-node/proxy/rules/iptables.ts'
import type { ServicePort } from '../../src-node/proxy/rules/model.ts'
import { restoreInput } from '../../src-node/proxy/rules/restore.ts'
import { createTrace, type PodPlace } from '../../src-node/trace/index.ts'
import type { TraceServices } from '../../src-wire/trace/steps.ts'
import { Namespaces, run } from './namespaces.ts'

const CIDR = '10.244.0.0/16'
const DNS = '10.96.0.10'
const root = join(import.meta.dirname, '../..')

/** A DNS server of the names given, for the cluster's domain. */
const NAMES = `
const { serveDns } = await import(process.argv[1] + '/src-node/dns/server.ts')
const names = JSON.parse(process.argv[2])
const answer = async (query) => {
  const name = query.questions[0].name.toLowerCase()
  const data = names[name.replace(/\\.default\\.svc\\.cluster\\.local$/, '')]
  const isOurs = name.endsWith('.default.svc.cluster.local') && data !== undefined
  const answers = isOurs ? [{ type: 'A', name, ttl: 5, data }] : []
  return { id: query.id, type: 'response', questions: query.questions, flags: isOurs ? 0x400 : 0x403, answers }
}
await serveDns({ addresses: ['${DNS}'], answer, log: console.error })
console.log('ready')
`

/** What is different about the two nodes, `n1` and `n2`. */
const facts = (at: number) => ({ ip: `172.28.0.1${at}`, subnet: `10.244.${at}`, mac: `0e:d0:ac:1c:00:0${at}` })

export class TwoNodes {
  readonly #spaces: Namespaces
  readonly #directory = mkdtempSync(join(tmpdir(), 'drydock-two-nodes-'))
  readonly #children: ChildProcess[] = []
  readonly #pids = new Map<string, number>()
  readonly #agents = new Map<string, TraceServices>()
  readonly #places: Record<string, PodPlace[]> = { n1: [], n2: [] }

  /** Letters that tell the test, see `Namespaces`. */
  constructor(kind: string) {
    this.#spaces = new Namespaces(kind)
    writeFileSync(
      this.#resolver,
      `nameserver ${DNS}\nsearch default.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n`,
    )
  }

  get #resolver(): string {
    return join(this.#directory, 'resolv.conf')
  }

  ip(name: string, ...args: string[]): Promise<string> {
    return this.#spaces.ip(name, ...args)
  }

  inside(name: string, program: string, ...args: string[]): Promise<string> {
    return this.#spaces.inside(name, program, ...args)
  }

  async #add(name: string): Promise<void> {
    await this.#spaces.add(name)
    // Somebody whose namespace can be entered, as the first process of a sandbox.
    const holder = spawn('ip', this.#spaces.words(name, 'sleep', '1000'), { stdio: 'ignore' })
    this.#children.push(holder)
    this.#pids.set(name, holder.pid!)
  }

  /** Both nodes with an uplink between them, and the rules of some services. */
  async start(ports: readonly ServicePort[]): Promise<void> {
    for (const name of ['n1', 'n2']) await this.#add(name)
    const [n1, n2] = [this.#spaces.space('n1'), this.#spaces.space('n2')]
    await run('ip', ...`link add eth0 netns ${n1} type veth peer name eth0 netns ${n2}`.split(' '))
    for (const at of [1, 2]) await this.#startNode(at)
    for (const at of [1, 2]) await this.#meet(at, 3 - at)
    const rules = iptablesRules({ ports, hostPorts: [], clusterCidr: CIDR, dnsAddress: DNS })
    for (const name of ['n1', 'n2']) {
      const host = this.#host(name)
      await host.run('iptables-restore', ['--noflush'], { stdin: restoreInput(rules)! })
      await host.run('iptables-restore', ['--noflush'], { stdin: overlayRules(CIDR) })
      const added = [
        ...jumps.map(({ table, chain, rule }) => `${table} -A ${chain} ${rule}`),
        'nat -A POSTROUTING -j FLANNEL-POSTRTG',
      ]
      for (const line of added) await this.inside(name, 'sh', '-c', `iptables -t ${line}`)
    }
  }

  async #startNode(at: number): Promise<void> {
    const name = `n${at}`
    const { ip, subnet, mac } = facts(at)
    await this.#spaces.setUp(
      name,
      `addr add ${ip}/24 dev eth0`,
      'link set eth0 up',
      'link add docker0 type bridge',
      `addr add ${subnet}.1/24 dev docker0`,
      'link set docker0 up',
      `link add flannel.1 address ${mac} mtu 1450 type vxlan id 1 dev eth0 local ${ip} dstport 8472 nolearning`,
      `addr add ${subnet}.0/32 dev flannel.1`,
      'link set flannel.1 up',
      'route add default via 172.28.0.1',
      `addr add ${DNS}/32 dev lo`,
    )
    for (const setting of ['net.ipv4.ip_forward=1', 'net.bridge.bridge-nf-call-iptables=1'])
      await this.inside(name, 'sysctl', '-qw', setting)
  }

  async #meet(at: number, other: number): Promise<void> {
    const { subnet, mac, ip } = facts(other)
    await this.#spaces.setUp(
      `n${at}`,
      `route add ${subnet}.0/24 via ${subnet}.0 dev flannel.1 onlink`,
      `neigh add ${subnet}.0 lladdr ${mac} dev flannel.1 nud permanent`,
    )
    const entry = `fdb append ${mac} dev flannel.1 dst ${ip} self permanent`
    await run('bridge', '-n', this.#spaces.space(`n${at}`), ...entry.split(' '))
  }

  /** A pod of the namespace `default`, with what it listens on. */
  async addPod(node: 'n1' | 'n2', pod: string, address: string, ...listening: string[]): Promise<void> {
    await this.#add(pod)
    const link = `veth${pod}`
    await this.#spaces.joinBridge(pod, { node, address, link })
    for (const socket of listening) await this.#listen(pod, socket)
    const place = { namespace: 'default', pod, pid: this.#pids.get(pod)!, address, link, resolver: this.#resolver }
    this.#places[node]!.push(place)
  }

  async #listen(pod: string, socket: string): Promise<void> {
    const args = this.#spaces.words(pod, 'socat', '-d', '-d', `${socket},fork,reuseaddr`, 'EXEC:cat')
    const server = spawn('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#children.push(server)
    await new Promise<void>((resolve, reject) => {
      server.stderr.once('data', () => resolve())
      server.once('exit', (code) => reject(new Error(`${socket} in ${pod} ended with ${code}`)))
    })
  }

  /** Answers names of `default` on a node, as its agent does. */
  async serveNames(node: 'n1' | 'n2', names: Record<string, string>): Promise<void> {
    const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', NAMES]
    const args = this.#spaces.words(node, process.execPath, ...flags, root, JSON.stringify(names))
    const server = spawn('ip', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#children.push(server)
    await new Promise<void>((resolve, reject) => {
      server.stdout.once('data', () => resolve())
      server.once('exit', (code) => reject(new Error(`the DNS of ${node} ended with ${code}`)))
    })
  }

  /** The node's own tools, run inside; what enters a pod's namespace enters it from anywhere. */
  #host(name: string) {
    const host = createHost()
    const entered = (program: string, args: readonly string[]): [string, string[]] =>
      program === 'nsenter' ? [program, [...args]] : ['ip', this.#spaces.words(name, program, ...args)]
    const files = (path: string): string =>
      path === '/proc/net/netlink' ? `/proc/${this.#pids.get(name)}/net/netlink` : path
    return {
      run: (program: string, args: readonly string[], options?: { stdin?: string }) =>
        host.run(...entered(program, args), options),
      spawn: (program: string, args: readonly string[]) => host.spawn(...entered(program, args)),
      readFile: (path: string) => readFile(files(path), 'utf8'),
    }
  }

  /** What the agent of a node offers: one, for it remembers what it listens to. */
  agent(name: 'n1' | 'n2'): TraceServices {
    const running = this.#agents.get(name)
    if (running) return running
    const places = this.#places[name]!
    const agent = createTrace({
      host: this.#host(name),
      nodeName: name,
      nodeIp: facts(Number(name.slice(1))).ip,
      bridge: 'docker0',
      find: (_namespace, pod) => places.find((place) => place.pod === pod),
      at: (address) => places.find((place) => place.address === address),
      clock: systemClock,
      random: Math.random,
    })
    this.#agents.set(name, agent)
    return agent
  }

  async stop(): Promise<void> {
    for (const child of this.#children) child.kill()
    await this.#spaces.removeAll()
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
