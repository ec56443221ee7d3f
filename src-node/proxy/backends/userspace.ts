import type { ServicePort } from '../rules/model.ts'
import { DatagramRelay } from '../userspace/datagram-relay.ts'
import type { Relay } from '../userspace/relay.ts'
import { StreamRelay } from '../userspace/stream-relay.ts'
import type { Backend, BackendOptions, Wanted, Written } from './backend.ts'
import { IptablesBackend } from './iptables.ts'

/** Which of a service port's endpoints: a local policy has a relay of its own. */
type Part = 'all' | 'local'

/**
 * kube-proxy's first mode, which Kubernetes had until 1.26: the kernel brings every connection to this process, which chooses an endpoint in turn and
 * tries the next when one does not answer. The rules are those of iptables with one endpoint a service port, a port of the node. Endpoints see the
 * node's address, and services rest while the agent does. SCTP, which Node does not speak, is left to the kernel.
 */
export class UserspaceBackend implements Backend {
  readonly #options: BackendOptions
  readonly #rules: IptablesBackend
  #relays = new Map<string, Relay>()

  constructor(options: BackendOptions) {
    this.#options = options
    this.#rules = new IptablesBackend(options)
    options.signal.addEventListener('abort', () => this.#close(this.#relays.values()), { once: true })
  }

  /** Relays before the rules that lead to them; those that nothing leads to any more are closed last. */
  async write({ ports, hostPorts }: Wanted): Promise<Written> {
    const used = new Map<string, Relay>()
    const relayed: ServicePort[] = []
    for (const port of ports) relayed.push(port.protocol === 'sctp' ? port : await this.#relayed(port, used))
    const written = await this.#rules.write({ ports: relayed, hostPorts })
    const idle = [...this.#relays].filter(([key]) => !used.has(key)).map(([, relay]) => relay)
    this.#relays = used
    this.#close(idle)
    return written
  }

  missing(): Promise<readonly string[]> {
    return this.#rules.missing()
  }

  async #relayed(port: ServicePort, used: Map<string, Relay>): Promise<ServicePort> {
    const all = await this.#endpoint(port, 'all', used)
    const local = await this.#endpoint(port, 'local', used)
    return { ...port, all, local, affinitySeconds: undefined }
  }

  async #endpoint(port: ServicePort, part: Part, used: Map<string, Relay>): Promise<ServicePort['all']> {
    if (port[part].length === 0) return []
    const { nodeIp, clock } = this.#options
    const key = `${port.id}/${port.protocol}/${part}`
    let relay = this.#relays.get(key)
    if (!relay) {
      relay = await (port.protocol === 'tcp' ? StreamRelay : DatagramRelay).open(nodeIp, clock)
      this.#relays.set(key, relay)
    }
    relay.update(port[part], port.affinitySeconds)
    used.set(key, relay)
    return [{ ip: nodeIp, port: relay.port, local: true }]
  }

  #close(relays: Iterable<Relay>): void {
    for (const relay of relays) relay.close()
  }
}
