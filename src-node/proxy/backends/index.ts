import type { Backend, BackendOptions, ProxyMode } from './backend.ts'
import { IptablesBackend } from './iptables.ts'
import { IpvsBackend } from './ipvs.ts'
import { NftablesBackend } from './nftables.ts'
import { missingFor } from './support.ts'
import { UserspaceBackend } from './userspace.ts'

export type { Backend, BackendOptions, ProxyHost, ProxyMode, Written } from './backend.ts'
export { cleanupLeftovers } from './leftovers.ts'

/** The mode that works on this kernel, which may be another than was asked for. */
export interface Chosen {
  /** The mode that works now. */
  mode: ProxyMode
  backend: Backend
  /** What the kernel lacks for the mode that was asked for, which `iptables` stands in for then. */
  missing: readonly string[]
}

/** The wanted mode, or iptables on a node whose kernel lacks something of it, as kube-proxy falls back. */
export async function chooseBackend(wanted: ProxyMode, options: BackendOptions): Promise<Chosen> {
  const missing = await missingFor(wanted, options)
  const mode = missing.length > 0 ? 'iptables' : wanted
  return { mode, backend: new makers[mode](options), missing }
}

const makers: Record<ProxyMode, new (options: BackendOptions) => Backend> = {
  iptables: IptablesBackend,
  nftables: NftablesBackend,
  ipvs: IpvsBackend,
  userspace: UserspaceBackend,
}
