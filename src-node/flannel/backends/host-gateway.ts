import { applyChanges, readEntries } from '../overlay.ts'
import { nothing, onUplink, overlayChanges, routesOnly } from '../plan/entries.ts'
import type { BackendOptions, OverlayBackend } from './backend.ts'

/** Packets go as they are, by a route a peer straight to its node: all nodes must share one link. */
export const hostGateway = ({ host, clusterCidr }: BackendOptions): OverlayBackend => ({
  ensure: (uplink) => Promise.resolve({ device: uplink.name, mtu: uplink.mtu }),
  entries: (peers) => routesOnly(peers, ({ publicIp }) => publicIp),
  own: (actual) => onUplink(actual, clusterCidr),
  async remove(uplink) {
    const left = onUplink(await readEntries(host, uplink.name), clusterCidr)
    await applyChanges(host, overlayChanges(uplink.name, left, nothing))
  },
})
