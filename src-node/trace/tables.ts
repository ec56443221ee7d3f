import type { Listener, Route } from '../../src-wire/trace/steps.ts'

/** Rows of `ip -j` and `bridge -j`; none of an empty answer. */
const rows = (json: string): Array<Record<string, unknown>> =>
  JSON.parse(json.trim() || '[]') as Array<Record<string, unknown>>

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** `ip -j route get …`. */
export function parseRoute(json: string): Route | undefined {
  const row = rows(json)[0]
  if (!row) return undefined
  const type = text(row['type']) || 'unicast'
  const gateway = text(row['gateway'])
  return {
    kind: type === 'local' ? 'local' : type === 'unicast' ? 'unicast' : 'unreachable',
    device: text(row['dev']),
    ...(gateway ? { gateway } : {}),
  }
}

/** `ip -j neigh show ADDRESS dev DEVICE`; an entry without a MAC is one that nobody answered for. */
export function parseNeighbour(json: string): { mac: string; state: string } | undefined {
  const row = rows(json)[0]
  const states = row?.['state']
  return row && { mac: text(row['lladdr']), state: Array.isArray(states) ? states.join(' ') : '' }
}

/** `bridge -j fdb show dev DEVICE`: the node behind a MAC. */
export const peerOf = (json: string, mac: string): string | undefined =>
  text(rows(json).find((row) => row['mac'] === mac && text(row['dst']) !== '')?.['dst']) || undefined

/** `bridge -j fdb show br BRIDGE`: the port that learnt a MAC. */
export const portOf = (json: string, mac: string): string | undefined =>
  text(rows(json).find((row) => row['mac'] === mac && text(row['master']) !== '')?.['ifname']) || undefined

/** The overlay's device, as the kernel shows it. */
export interface Vxlan {
  vni: number
  port: number
}

/** `ip -j -d link show DEVICE`; undefined for a device of another kind. */
export function parseVxlan(json: string): Vxlan | undefined {
  const info = rows(json)[0]?.['linkinfo'] as
    | { info_kind?: string; info_data?: { id?: number; port?: number } }
    | undefined
  if (info?.info_kind !== 'vxlan') return undefined
  return { vni: info.info_data?.id ?? 0, port: info.info_data?.port ?? 0 }
}

/** `ip -j addr show`: all addresses of IPv4, and the device of each. */
export const addressesIn = (json: string): string[] =>
  rows(json).flatMap((link) =>
    ((link['addr_info'] ?? []) as Array<{ family?: string; local?: string }>).flatMap(({ family, local }) =>
      family === 'inet' && local ? [local] : [],
    ),
  )

/** `ss -Hltn` or `ss -Hlun`: the fourth column is where somebody waits; addresses of IPv6 take those of IPv4 too. */
export function parseListeners(output: string): Listener[] {
  return output.split('\n').flatMap((line) => {
    const local = line.trim().split(/\s+/)[3]
    const [, address, port] = /^(.*):(\d+)$/.exec(local ?? '') ?? []
    if (address === undefined) return []
    const plain = address
      .replace(/%.*$/, '')
      .replace(/^\[(.*)\]$/, '$1')
      .replace(/^::ffff:/, '')
    return [{ address: plain === '*' || plain === '::' ? '0.0.0.0' : plain, port: Number(port) }]
  })
}
