/**
 * The overlay that joins the pods of all nodes, as flannel does it: each node leases the pod CIDR the node-IPAM controller gave
 * it, publishes its VXLAN device in annotations of its Node, and keeps three kernel entries a peer (route, neighbour,
 * forwarding), so packets need neither learning nor broadcast. With the backend host-gw a route a peer does, straight to its node, and packets
 * are as large as the node network takes them; with udp packets go through this process. A real flanneld reads and writes the same annotations. Another backend than before takes the old
 * one's device or routes away; what it does to connections lasts until all nodes have changed.
 * Cost: one informer on Nodes (shared with the proxy) and, per change, one `ip -batch` and one `bridge -batch`.
 */
import type { Client } from '../../src-kube/client/typed-client.ts'
import type { Informer } from '../../src-kube/client/informer.ts'
import { refs } from '../../src-kube/client/refs.ts'
import type { Clock } from '../../src-kube/machinery/clock.ts'
import type { Node } from '#types/core/v1'
import { backends, VNI, type Carrier } from './backends/index.ts'
import type { OverlayBackend } from './backends/backend.ts'
import { overlayChanges } from './plan/entries.ts'
import { foreignPeers, leaseAnnotations, peersOf, type Backend } from './plan/peers.ts'
import { watchLinks, type LinkOptions } from './links.ts'
import { applyChanges, ensureRules, hasRules, readEntries, uplinkOf, type CommandHost } from './overlay.ts'

/** The node that joins the pod network, and where it finds the others: in the annotations of their objects. */
export interface FlannelOptions {
  client: Client
  nodes: Informer<Node>
  host: CommandHost & LinkOptions['host']
  nodeName: string
  /** Address on the node network. */
  nodeIp: string
  clusterCidr: string
  /** Default `vxlan`. */
  backend?: Backend | undefined
  clock: Clock
  signal: AbortSignal
  log: (message: string) => void
}

export type { Backend } from './plan/peers.ts'

/** What this node leased: the engine's bridge lives on it. */
export interface Lease {
  /** `10.244.1.0/24`. */
  subnet: string
  /** Address and prefix of the bridge: `10.244.1.1/24`. */
  bridge: string
  mtu: number
}

/** The pod network of this node; it follows the others' until the signal that it was given aborts. */
export interface Flannel {
  /** Resolves when the lease is there and the device is up. */
  readonly lease: Promise<Lease>
}

/** Milliseconds after a failure before the next try. */
const RETRY = 1_000
/** Milliseconds between two looks at whether routes and rules are still there; flanneld's route check. */
const LOOK = 10_000

/** Keeps the ways to the other nodes' pods as the nodes are, and this node's own lease, until the signal. */
export function startFlannel(options: FlannelOptions): Flannel {
  const { nodes, host, nodeName, clock, signal, log } = options
  const backend = options.backend ?? 'vxlan'
  const { own, others } = backends(backend, options)
  const lease = leaseOf(options, backend, own, others)
  /** Whether a device came or went since the overlay's own was last seen, or the kernel refused what leads to it. */
  let unsure = false
  let told: readonly string[] = []
  const tellOnce = (words: readonly string[]): void => {
    for (const one of words) if (!told.includes(one)) log(`overlay: ${one}`)
    told = words
  }

  const reconcile = async (): Promise<void> => {
    const { device, subnet } = await lease
    const ensuring = unsure
    unsure = false
    if (ensuring) await own.ensure(await uplinkOf(host, options.nodeIp), subnet)
    const known = nodes.list()
    const peers = peersOf(known, nodeName, backend)
    tellOnce(foreignPeers(known, nodeName, backend))
    own.meet?.(peers)
    const ours = own.own(await readEntries(host, device))
    await applyChanges(host, overlayChanges(device, ours, own.entries(peers)))
  }
  const kick = joined(
    () =>
      reconcile().catch((error: unknown) => {
        unsure = true
        throw error
      }),
    options,
  )
  const look = async (): Promise<void> => {
    if (signal.aborted) return
    kick()
    await restoreRules(options).catch((error: unknown) => log(`overlay: ${String(error)}`))
    clock.after(LOOK, () => void look())
  }
  const stopListening = nodes.on({ add: kick, update: (now, old) => leaseChanged(now, old) && kick(), delete: kick })
  signal.addEventListener('abort', stopListening, { once: true })
  void lease.then(({ device }) => {
    clock.after(LOOK, () => void look())
    watchLinks({ host, device, clock, signal, log }, () => {
      unsure = true
      kick()
    })
  })
  return { lease: lease.then(({ subnet, bridge, mtu }) => ({ subnet, bridge, mtu })) }
}

/** Writes the rules of the overlay again when somebody has removed them, as `iptables -F` does. */
async function restoreRules({ host, clusterCidr, log }: FlannelOptions): Promise<void> {
  if (await hasRules(host, clusterCidr)) return
  log('overlay: rules that were written are missing and are written again')
  await ensureRules(host, clusterCidr)
}

/** Asks for a pass: one runs at a time, and what is asked for meanwhile is joined in the next. A pass that fails is tried again. */
function joined(pass: () => Promise<void>, { clock, signal, log }: FlannelOptions): () => void {
  let running = false
  let again = false
  const kick = (): void => {
    if (signal.aborted) return
    if (running) {
      again = true
      return
    }
    running = true
    pass()
      .catch((error: unknown) => {
        log(`overlay: ${String(error)}`)
        clock.after(RETRY, kick)
      })
      .finally(() => {
        running = false
        if (again) {
          again = false
          kick()
        }
      })
  }
  return kick
}

function leaseChanged(now: Node, old: Node): boolean {
  const facts = (node: Node) =>
    JSON.stringify([
      node.spec.podCIDR,
      Object.entries(node.metadata.annotations ?? {}).filter(([k]) => k.startsWith('flannel.')),
    ])
  return facts(now) !== facts(old)
}

async function leaseOf(
  options: FlannelOptions,
  backend: Backend,
  own: OverlayBackend,
  others: readonly OverlayBackend[],
): Promise<Lease & Carrier> {
  const { host, client, nodeName, nodeIp, clusterCidr } = options
  const subnet = await podCidr(options)
  const uplink = await uplinkOf(host, nodeIp)
  const carrier = await own.ensure(uplink, subnet)
  for (const other of others) await other.remove(uplink)
  await ensureRules(host, clusterCidr)
  const annotations = leaseAnnotations({ backend, publicIp: nodeIp, mac: carrier.mac, vni: VNI })
  await client
    .resource(refs.nodes)
    .patch({ name: nodeName, type: 'application/merge-patch+json', body: { metadata: { annotations } } })
  const [network, bits] = subnet.split('/') as [string, string]
  const bridge = `${network.replace(/\.\d+$/, (last) => `.${Number(last.slice(1)) + 1}`)}/${bits}`
  return { subnet, bridge, ...carrier }
}

/** The pod CIDR of this node, once the node-IPAM controller has given it one. */
async function podCidr({ nodes, nodeName, signal }: FlannelOptions): Promise<string> {
  const found = Promise.withResolvers<string>()
  const look = (node: Node): void => {
    if (node.metadata.name === nodeName && node.spec.podCIDR) found.resolve(node.spec.podCIDR)
  }
  const stop = nodes.on({ add: look, update: look })
  signal.addEventListener('abort', () => found.reject(new Error('stopped before a pod CIDR was assigned')), {
    once: true,
  })
  try {
    return await found.promise
  } finally {
    stop()
  }
}
