import { deleteLink, ensureVxlan } from '../overlay.ts'
import { vtepAddress, vxlanEntries } from '../plan/entries.ts'
import { macFor } from '../plan/peers.ts'
import type { BackendOptions, OverlayBackend } from './backend.ts'

export const VNI = 1
const DEVICE = `flannel.${VNI}`
const PORT = 8472
/** Bytes that VXLAN adds to each packet. */
const OVERHEAD = 50

/** The kernel wraps packets itself (RFC 7348): a device, and three entries a peer. */
export const vxlan = ({ host, nodeIp }: BackendOptions): OverlayBackend => ({
  async ensure(uplink, subnet) {
    const mac = macFor(nodeIp)
    const mtu = uplink.mtu - OVERHEAD
    const address = vtepAddress(subnet)
    const device = { name: DEVICE, vni: VNI, port: PORT, mac, uplink: uplink.name, local: nodeIp, address, mtu }
    await ensureVxlan(host, device)
    return { device: DEVICE, mtu, mac }
  },
  entries: vxlanEntries,
  own: (actual) => actual,
  remove: () => deleteLink(host, DEVICE),
})
