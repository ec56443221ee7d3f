import type { Backend } from '../plan/peers.ts'
import type { BackendOptions, OverlayBackend } from './backend.ts'
import { hostGateway } from './host-gateway.ts'
import { udp } from './udp.ts'
import { vxlan } from './vxlan.ts'

const makers: Record<Backend, (options: BackendOptions) => OverlayBackend> = { vxlan, 'host-gw': hostGateway, udp }

/** The backend of that name, and all others, which may have left something behind. */
export function backends(chosen: Backend, options: BackendOptions): { own: OverlayBackend; others: OverlayBackend[] } {
  const names = Object.keys(makers) as Backend[]
  return {
    own: makers[chosen](options),
    others: names.filter((name) => name !== chosen).map((name) => makers[name](options)),
  }
}

export { VNI } from './vxlan.ts'
export type { Carrier } from './backend.ts'
