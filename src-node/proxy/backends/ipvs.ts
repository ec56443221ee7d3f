import { jumps } from '../rules/iptables.ts'
import { addressesInput, serversFound, serversInput, setsInput } from '../rules/ipvs/input.ts'
import { DEVICE, type IpvsTable, ipvsTable } from '../rules/ipvs/table.ts'
import { countRules, dynamicChains, restoreInput } from '../rules/restore.ts'
import type { Backend, BackendOptions, ProxyHost, Wanted, Written } from './backend.ts'
import { ensureJumps, missingRules } from './iptables.ts'

/** As kube-proxy sets them: what is translated is tracked, endpoints that are gone are forgotten, and nobody is told of the device's addresses. */
const settings = [
  'net.ipv4.vs.conntrack=1',
  'net.ipv4.vs.expire_nodest_conn=1',
  'net.ipv4.vs.expire_quiescent_template=1',
  'net.ipv4.conf.all.arp_ignore=1',
  'net.ipv4.conf.all.arp_announce=2',
]

/** Sets before the rules that name them, addresses before virtual servers; each only what changed. */
export class IpvsBackend implements Backend {
  readonly #options: BackendOptions
  #applied: IpvsTable | undefined

  constructor(options: BackendOptions) {
    this.#options = options
  }

  async write({ ports, hostPorts }: Wanted): Promise<Written> {
    const { host, clusterCidr, dnsAddress, nodeIp, ipvsScheduler } = this.#options
    const applied = this.#applied
    // What the kernel holds is unknown until it is done.
    this.#applied = undefined
    const scheduler = ipvsScheduler
    const wanted = ipvsTable({ ports, hostPorts, clusterCidr, dnsAddress, nodeIp, scheduler })
    const had = applied ?? (await takeOver(host))
    const feed = async (input: string | undefined, command: string, ...args: string[]): Promise<void> => {
      if (input !== undefined) await host.run(command, args, { stdin: input })
    }
    await feed(setsInput(wanted.sets, applied?.sets), 'ipset', '-exist', 'restore')
    const stale = applied ? [] : dynamicChains((await host.run('iptables-save', ['-t', 'nat'])).stdout)
    await feed(restoreInput(wanted.rules, applied?.rules, stale), 'iptables-restore', '--noflush', '-w', '5')
    if (!applied) await ensureJumps(host, jumps)
    await feed(addressesInput(wanted.addresses, had.addresses), 'ip', '-batch', '-')
    await feed(serversInput(wanted.servers, had.servers), 'ipvsadm', '-R')
    this.#applied = wanted
    return { isFull: !applied, rules: countRules(wanted.rules, applied?.rules) }
  }

  async missing(): Promise<readonly string[]> {
    const { host } = this.#options
    const applied = this.#applied
    if (!applied) return []
    const addresses = (await hasDevice(host)) ? await addressesFound(host) : new Set<string>()
    const [servers, sets] = [await serversOf(host), await setNames(host)]
    const missing = [
      ...(await missingRules(host, applied.rules)),
      ...[...applied.sets.keys()].filter((name) => !sets.includes(name)),
      ...(addressesInput(applied.addresses, addresses) === undefined ? [] : [DEVICE]),
      ...(serversInput(applied.servers, servers) === undefined ? [] : ['virtual servers']),
    ]
    if (missing.length > 0) this.#applied = undefined
    return missing
  }
}

/** What an agent before this one left; the device is made when it is missing. */
async function takeOver(host: ProxyHost): Promise<Pick<IpvsTable, 'servers' | 'addresses'>> {
  if (!(await hasDevice(host))) await host.run('ip', ['link', 'add', DEVICE, 'type', 'dummy'])
  await host.run('sysctl', ['-q', '-w', ...settings])
  return { addresses: await addressesFound(host), servers: await serversOf(host) }
}

/** The addresses of the device, which is there. */
async function addressesFound(host: ProxyHost): Promise<Set<string>> {
  const links = JSON.parse((await host.run('ip', ['-j', 'addr', 'show', 'dev', DEVICE])).stdout) as Array<{
    addr_info?: Array<{ family: string; local: string }>
  }>
  const found = links.flatMap(({ addr_info = [] }) => addr_info).filter(({ family }) => family === 'inet')
  return new Set(found.map(({ local }) => local))
}

const serversOf = async (host: ProxyHost): Promise<IpvsTable['servers']> =>
  serversFound((await host.run('ipvsadm', ['-S', '-n'])).stdout)

const setNames = async (host: ProxyHost): Promise<string[]> =>
  (await host.run('ipset', ['list', '-name'])).stdout.split('\n').filter((name) => name.startsWith('KUBE-'))

async function hasDevice(host: ProxyHost): Promise<boolean> {
  const links = JSON.parse((await host.run('ip', ['-j', 'link', 'show'])).stdout) as Array<{ ifname: string }>
  return links.some(({ ifname }) => ifname === DEVICE)
}

/** Takes virtual servers, their addresses and sets away; the rules that named the sets are gone by then. */
export async function removeIpvs(host: ProxyHost): Promise<void> {
  if (!(await hasDevice(host))) return
  await host.run('ipvsadm', ['-C'])
  await host.run('ip', ['link', 'del', DEVICE])
  const sets = await setNames(host)
  if (sets.length > 0) await host.run('ipset', ['restore'], { stdin: sets.map((name) => `destroy ${name}\n`).join('') })
}
