import { deleteLink, linkOf } from '../overlay.ts'
import { routesOnly, vtepAddress, type OverlayEntries } from '../plan/entries.ts'
import type { Peer } from '../plan/peers.ts'
import type { BackendOptions, Carrier, OverlayBackend, Uplink } from './backend.ts'
import { UdpTunnel } from './udp-tunnel.ts'

const DEVICE = 'flannel0'
const TUN = '/dev/net/tun'
/** Where flannel's nodes listen for each other (flannel, "UDP"). */
const PORT = 8285
/** Bytes that IPv4 and UDP add to each packet. */
const OVERHEAD = 28
/** Milliseconds before a helper that ended is started again. */
const RETRY = 1_000

/**
 * Packets are wrapped by this process instead of the kernel: for kernels without VXLAN, and to look at. Node cannot open a TUN device, socat can: it is the
 * helper that carries packets between the device and loopback, and ends with the agent. The device stays while the agent starts anew.
 */
class Udp implements OverlayBackend {
  readonly #options: BackendOptions
  #tunnel: UdpTunnel | undefined

  constructor(options: BackendOptions) {
    this.#options = options
  }

  async ensure(uplink: Uplink, subnet: string): Promise<Carrier> {
    const { host, nodeIp } = this.#options
    const mtu = uplink.mtu - OVERHEAD
    await ensureTun(host)
    await host.run('ip', ['addr', 'replace', `${vtepAddress(subnet)}/32`, 'dev', DEVICE])
    await host.run('ip', ['link', 'set', DEVICE, 'mtu', String(mtu), 'up'])
    if (!this.#tunnel) {
      this.#tunnel = await UdpTunnel.open({ nodeIp, port: PORT })
      carry(this.#options, this.#tunnel)
    }
    return { device: DEVICE, mtu }
  }

  entries(peers: readonly Peer[]): OverlayEntries {
    return routesOnly(peers, ({ subnet }) => vtepAddress(subnet))
  }

  own(actual: OverlayEntries): OverlayEntries {
    return actual
  }

  meet(peers: readonly Peer[]): void {
    this.#tunnel?.meet(peers)
  }

  remove(): Promise<void> {
    return deleteLink(this.#options.host, DEVICE)
  }
}

export const udp = (options: BackendOptions): OverlayBackend => new Udp(options)

async function ensureTun(host: BackendOptions['host']): Promise<void> {
  if (await linkOf(host, DEVICE)) return
  // A container's /dev has none of its own.
  await host.run('sh', ['-c', `mkdir -p /dev/net && { [ -e ${TUN} ] || mknod ${TUN} c 10 200; }`])
  try {
    await host.run('ip', ['tuntap', 'add', 'dev', DEVICE, 'mode', 'tun'])
  } catch (cause) {
    throw new Error(`flannel's backend udp needs TUN devices of the kernel (module tun): ${(cause as Error).message}`)
  }
}

/** Keeps the helper running, until the agent stops. */
function carry(options: BackendOptions, tunnel: UdpTunnel): void {
  const { host, clock, signal, log } = options
  if (signal.aborted) return tunnel.close()
  const device = `TUN,tun-device=${TUN},tun-name=${DEVICE},iff-no-pi`
  const loopback = `UDP4-SENDTO:127.0.0.1:${tunnel.port},bind=127.0.0.1:${tunnel.helperPort}`
  // Of an agent that was killed it would keep the device from the next one's helper.
  const child = host.spawn('setpriv', ['--pdeathsig', 'KILL', 'socat', device, loopback])
  const stop = (): void => {
    child.kill()
    tunnel.close()
  }
  signal.addEventListener('abort', stop, { once: true })
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => (words = chunk.toString('utf8').trim()))
  let over = false
  const again = (how: string): void => {
    signal.removeEventListener('abort', stop)
    if (over || signal.aborted) return
    over = true
    log(`overlay: socat ${how}`)
    clock.after(RETRY, () => carry(options, tunnel))
  }
  child.once('error', (error) => again(error.message))
  child.once('exit', (code) => again(`ended with ${code}: ${words}`))
}
