import { nearest } from './nearest.ts'
import { UserError } from './user-error.ts'

/** How services and pods reach each other in a cluster: every node does the same. */
export interface NetworkModes {
  /** kube-proxy's mode. */
  proxyMode: (typeof proxyModes)[number]
  /** How `ipvs` chooses among endpoints. */
  ipvsScheduler: (typeof ipvsSchedulers)[number]
  flannelBackend: (typeof flannelBackends)[number]
}

/** What a start asks for; what it does not name stays as it was. */
export interface NetworkWish {
  proxyMode?: string | undefined
  ipvsScheduler?: string | undefined
  flannelBackend?: string | undefined
}

const proxyModes = ['iptables', 'nftables', 'ipvs', 'userspace'] as const
const ipvsSchedulers = ['rr', 'lc', 'dh', 'sh', 'sed', 'nq'] as const
const flannelBackends = ['vxlan', 'host-gw', 'udp'] as const

const defaults: NetworkModes = { proxyMode: 'iptables', ipvsScheduler: 'rr', flannelBackend: 'vxlan' }

/** The modes of a cluster: what is asked for, else what it had, else kube-proxy's and flannel's own defaults. Throws a `UserError` for what there is not. */
export function networkModes(wish: NetworkWish, had: Partial<NetworkModes> = {}): NetworkModes {
  const modes = {
    proxyMode: oneOf('proxy-mode', proxyModes, wish.proxyMode) ?? had.proxyMode ?? defaults.proxyMode,
    ipvsScheduler:
      oneOf('ipvs-scheduler', ipvsSchedulers, wish.ipvsScheduler) ?? had.ipvsScheduler ?? defaults.ipvsScheduler,
    flannelBackend:
      oneOf('flannel-backend', flannelBackends, wish.flannelBackend) ?? had.flannelBackend ?? defaults.flannelBackend,
  }
  if (wish.ipvsScheduler !== undefined && modes.proxyMode !== 'ipvs')
    throw new UserError(
      `--ipvs-scheduler is of kube-proxy's mode ipvs; this cluster's is ${modes.proxyMode}.`,
      'Add --proxy-mode ipvs, or leave --ipvs-scheduler out.',
    )
  return modes
}

function oneOf<T extends string>(flag: string, known: readonly T[], word: string | undefined): T | undefined {
  if (word === undefined) return undefined
  const found = known.find((one) => one === word)
  if (found !== undefined) return found
  const meant = nearest(word, known)
  throw new UserError(`--${flag} takes ${listed(known)}, not "${word}".`, `For example --${flag} ${meant ?? known[0]}.`)
}

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

/** The options of `drydock up` that ask for the same. */
export const networkFlags = (wish: NetworkWish = {}): Record<string, string | undefined> => ({
  'proxy-mode': wish.proxyMode,
  'ipvs-scheduler': wish.ipvsScheduler,
  'flannel-backend': wish.flannelBackend,
})

/** What the options mean, for a terminal. */
export const networkHelp: readonly string[] = [
  `  --proxy-mode MODE          how kube-proxy sends traffic of services to pods: ${listed(proxyModes)}`,
  `  --ipvs-scheduler NAME      how ipvs chooses among pods: ${listed(ipvsSchedulers)}`,
  `  --flannel-backend BACKEND  how pods reach pods of other nodes: ${listed(flannelBackends)}`,
  'The first of each is the default. A cluster keeps its choice until another one is given; its pods run on while it changes.',
]
