import { hostRange, numberToIp } from '../../../src-kube/machinery/ipv4.ts'
import type { Host } from '../../host/index.ts'
import type { Observed } from '../plan/observed.ts'

/** Where the node's pods live: the lease of the overlay. */
export interface PodRange {
  /** Address and prefix of the bridge, the pods' way out: `10.244.1.1/24`. */
  bridge: string
  mtu: number
}

/** The bridge that sandboxes are joined to, and the addresses that they get. */
export interface PodNetworkOptions {
  host: Pick<Host, 'run'>
  range: Promise<PodRange>
  /** What the engine has of all pods. */
  observed(): Iterable<Observed>
  /** Ends a sandbox that cannot be completed, so that its pod gets another. */
  end(sandboxId: string): Promise<void>
  log(message: string): void
}

/** The engine's own bridge, which it makes on the lease's address. */
const BRIDGE = 'docker0'

/** The node's end of a sandbox's pair of interfaces; within the fifteen characters that the kernel allows. */
export const linkOf = (containerId: string): string => `veth${containerId.slice(0, 8)}`

/** Made from the IP address, so that a pod that gets a used address is not taken for the one before it: `02:42:0a:f4:01:02`. */
const macOf = (address: string): string =>
  ['02', '42', ...address.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'))].join(':')

/**
 * Joins sandboxes to the pod network: an address of the node's range, `eth0` on it inside, its other end on the bridge. The engine's own networks
 * would do the same, and start a copy of the whole engine for each sandbox: two fifths of what it costs. Addresses are kept as labels of the
 * sandboxes, nowhere else.
 */
export class PodNetwork {
  readonly #options: PodNetworkOptions
  /** Taken for sandboxes that the engine does not have yet. */
  readonly #promised = new Set<string>()
  #last = 0
  /** The one that is under way: two would undo each other's work. */
  #repair: Promise<void> | undefined

  constructor(options: PodNetworkOptions) {
    this.#options = options
  }

  /** Takes the next free address, so that one that was given back is not used again at once. It is the caller's until it is released. Throws when there is none. */
  async take(): Promise<string> {
    const { bridge } = await this.#options.range
    const [first, last] = hostRange(bridge)
    const taken = this.#taken(bridge.split('/')[0]!)
    const count = last - first + 1
    const start = Math.max(0, this.#last + 1 - first)
    for (let i = 0; i < count; i++) {
      const number = first + ((start + i) % count)
      const address = numberToIp(number)
      if (taken.has(address)) continue
      this.#last = number
      this.#promised.add(address)
      return address
    }
    throw new Error(`no address from ${numberToIp(first)} to ${numberToIp(last)} is free`)
  }

  #taken(bridge: string): Set<string> {
    const taken = new Set([bridge, ...this.#promised])
    const observed = [...this.#options.observed()]
    // What runs in an ended sandbox keeps its network, and with it the address.
    const running = new Set(observed.filter(({ state }) => state === 'running').map(({ podUid }) => podUid))
    for (const { address, ip, state, podUid } of observed) {
      if (ip) taken.add(ip)
      if (address && (state !== 'exited' || running.has(podUid))) taken.add(address)
    }
    return taken
  }

  /** The engine has the sandbox, or there will be none: from now on what it says counts. */
  release(address: string): void {
    this.#promised.delete(address)
  }

  /** Puts a running sandbox on the network. What is seen from outside comes last: a sandbox whose link is on the bridge is complete. */
  async attach({ id, pid, ip }: Pick<Observed, 'id' | 'pid' | 'ip'>): Promise<void> {
    const { bridge, mtu } = await this.#options.range
    const [gateway, bits] = bridge.split('/') as [string, string]
    const link = linkOf(id)
    await this.#batch(
      'nsenter',
      ['-t', String(pid), '-n', 'ip'],
      [
        // The peer is born in the namespace of the first process, which is the node's.
        `link add eth0 mtu ${mtu} address ${macOf(ip)} type veth peer name ${link} netns 1`,
        'link set eth0 addrgenmode none',
        `addr add ${ip}/${bits} dev eth0`,
        'link set eth0 up',
        `route add default via ${gateway}`,
      ],
    )
    await this.#batch(
      'ip',
      [],
      [
        `link set ${link} mtu ${mtu} master ${BRIDGE}`,
        // A pod may reach itself by its Service.
        `link set ${link} type bridge_slave hairpin on`,
        `link set ${link} up`,
      ],
    )
  }

  /**
   * Completes sandboxes that an agent which died left half-made, or that lost their bridge. One that cannot be is ended, and stands in no
   * other's way.
   */
  repair(): Promise<void> {
    this.#repair ??= this.#repairAll().finally(() => (this.#repair = undefined))
    return this.#repair
  }

  async #repairAll(): Promise<void> {
    await this.#options.range
    const mine = [...this.#options.observed()].filter((one) => this.#isMade(one))
    if (mine.length === 0) return
    const { stdout } = await this.#options.host.run('ip', ['-j', 'link', 'show', 'type', 'veth'])
    const links = new Map((JSON.parse(stdout || '[]') as Link[]).map((link) => [link.ifname, link]))
    for (const sandbox of mine) await this.#complete(sandbox, links.get(linkOf(sandbox.id)))
  }

  /** One with a promised address is being joined just now. */
  #isMade({ address, state }: Observed): boolean {
    return address !== undefined && state === 'running' && !this.#promised.has(address)
  }

  async #complete(sandbox: Observed, link: Link | undefined): Promise<void> {
    if (link?.master === BRIDGE && link.flags.includes('UP')) return
    const { host, end, log } = this.#options
    try {
      // Its other end goes with it.
      if (link) await host.run('ip', ['link', 'del', link.ifname])
      await this.attach(sandbox)
    } catch (error) {
      log(
        `pod network: sandbox ${sandbox.id.slice(0, 12)} of ${sandbox.podNamespace}/${sandbox.podName}: ${String(error)}`,
      )
      await end(sandbox.id).catch((failure: unknown) => log(`pod network: ${String(failure)}`))
    }
  }

  async #batch(command: string, args: readonly string[], lines: readonly string[]): Promise<void> {
    await this.#options.host.run(command, [...args, '-batch', '-'], { stdin: `${lines.join('\n')}\n` })
  }
}

interface Link {
  ifname: string
  master?: string
  flags: string[]
}
