import { alteredChains } from '../host/saved-rules.ts'
import type { OverlayChanges, OverlayEntries } from './plan/entries.ts'
import { overlayChains, overlayJumps, overlayRules } from './plan/masquerade.ts'

/** What this folder needs of the host: runs a command and answers its output; throws with its words when it fails. */
export interface CommandHost {
  run(command: string, args: readonly string[], options?: { stdin?: string }): Promise<{ stdout: string }>
}

/** The device that wraps packets for other nodes, `flannel.1`. */
export interface OverlayDevice {
  name: string
  vni: number
  port: number
  mac: string
  /** Device and address of the node network. */
  uplink: string
  local: string
  /** First address of our subnet. */
  address: string
  mtu: number
}

interface JsonLink {
  mtu?: number
  address?: string
  linkinfo?: { info_kind?: string; info_data?: { id?: number; port?: number; local?: string; learning?: boolean } }
}

/** Makes the VXLAN device as wanted; one that differs (another address after a restart, another MTU) is made anew. */
export async function ensureVxlan(host: CommandHost, device: OverlayDevice): Promise<void> {
  const present = await linkOf(host, device.name)
  if (present && !isAsWanted(present, device)) await host.run('ip', ['link', 'del', device.name])
  if (!present || !isAsWanted(present, device)) {
    const identity = ['link', 'add', device.name, 'address', device.mac, 'mtu', String(device.mtu)]
    const tunnel = ['type', 'vxlan', 'id', String(device.vni), 'dev', device.uplink, 'local', device.local]
    await host.run('ip', [...identity, ...tunnel, 'dstport', String(device.port), 'nolearning'])
  }
  await host.run('ip', ['addr', 'replace', `${device.address}/32`, 'dev', device.name])
  await host.run('ip', ['link', 'set', device.name, 'up'])
}

/** The device of that name. */
export async function linkOf(host: CommandHost, name: string): Promise<JsonLink | undefined> {
  const links = JSON.parse((await host.run('ip', ['-j', '-d', 'link', 'show'])).stdout) as Array<
    JsonLink & { ifname: string }
  >
  return links.find((link) => link.ifname === name)
}

function isAsWanted(link: JsonLink, device: OverlayDevice): boolean {
  const data = link.linkinfo?.info_data
  return (
    link.mtu === device.mtu &&
    link.address === device.mac &&
    data?.id === device.vni &&
    data.port === device.port &&
    data.local === device.local &&
    data.learning === false
  )
}

/** Reads back what the kernel has for the device. */
export async function readEntries(host: CommandHost, device: string): Promise<OverlayEntries> {
  const read = async (command: string, args: string[]): Promise<Array<Record<string, string>>> =>
    JSON.parse((await host.run(command, args)).stdout || '[]') as Array<Record<string, string>>
  const [routes, neighbours, forwarding] = await Promise.all([
    read('ip', ['-j', 'route', 'show', 'dev', device]),
    read('ip', ['-j', 'neigh', 'show', 'dev', device, 'nud', 'permanent']),
    read('bridge', ['-j', 'fdb', 'show', 'dev', device]),
  ])
  const pairs = (rows: Array<Record<string, string>>, key: string, value: string): Map<string, string> =>
    new Map(rows.flatMap((row) => (row[key] && row[value] ? [[row[key], row[value]]] : [])))
  return {
    routes: pairs(routes, 'dst', 'gateway'),
    neighbours: pairs(neighbours, 'dst', 'lladdr'),
    forwarding: pairs(
      forwarding.filter((row) => row['mac'] !== '00:00:00:00:00:00'),
      'mac',
      'dst',
    ),
  }
}

/** Applies changes in one call of each tool. */
export async function applyChanges(host: CommandHost, changes: OverlayChanges): Promise<void> {
  if (changes.bridge.length > 0) await host.run('bridge', ['-batch', '-'], { stdin: changes.bridge.join('\n') + '\n' })
  if (changes.ip.length > 0) await host.run('ip', ['-batch', '-'], { stdin: changes.ip.join('\n') + '\n' })
}

/** Our chains with their rules, and the jumps into them, once. */
export async function ensureRules(host: CommandHost, clusterCidr: string): Promise<void> {
  await host.run('iptables-restore', ['--noflush', '-w', '5'], { stdin: overlayRules(clusterCidr) })
  const saved = await savedTables(host)
  for (const jump of overlayJumps) {
    const { table, from, to } = jump
    if (!leads(jump, saved)) await host.run('iptables', ['-w', '5', '-t', table, '-A', from, '-j', to])
  }
}

/** Whether the kernel has all that {@link ensureRules} wrote. */
export async function hasRules(host: CommandHost, clusterCidr: string): Promise<boolean> {
  const saved = await savedTables(host)
  const chains = overlayChains(clusterCidr)
  const isWhole = tables.every((table) => alteredChains(chains[table], saved[table]).length === 0)
  return isWhole && overlayJumps.every((jump) => leads(jump, saved))
}

const tables = ['nat', 'filter'] as const

async function savedTables(host: CommandHost): Promise<Record<(typeof tables)[number], string>> {
  const [nat = '', filter = ''] = await Promise.all(
    tables.map(async (table) => (await host.run('iptables-save', ['-t', table])).stdout),
  )
  return { nat, filter }
}

const leads = ({ table, from, to }: (typeof overlayJumps)[number], saved: Record<'nat' | 'filter', string>): boolean =>
  saved[table].split('\n').some((line) => line.startsWith(`-A ${from} `) && line.endsWith(`-j ${to}`))

/** Takes a device away, if it is there. */
export async function deleteLink(host: CommandHost, name: string): Promise<void> {
  if (await linkOf(host, name)) await host.run('ip', ['link', 'del', name])
}

/** Name and MTU of the device that carries an address. */
export async function uplinkOf(host: CommandHost, address: string): Promise<{ name: string; mtu: number }> {
  const links = JSON.parse((await host.run('ip', ['-j', 'addr', 'show'])).stdout) as Array<{
    ifname: string
    mtu: number
    addr_info: Array<{ local: string }>
  }>
  const link = links.find((l) => l.addr_info.some((info) => info.local === address))
  if (!link) throw new Error(`no device has the node's address ${address}`)
  return { name: link.ifname, mtu: link.mtu }
}
