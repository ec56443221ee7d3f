/** An IPv4 or IPv6 address as a number. */
export interface IpAddress {
  family: 4 | 6
  value: bigint
}

/** Bits of an address of the family. */
export const bitsOf = (family: 4 | 6): number => (family === 4 ? 32 : 128)

/** What a text is an address of; undefined when it is none. Leading zeros and zones are none of it (RFC 4291, RFC 6943). */
export function parseIp(text: string): IpAddress | undefined {
  if (!text.includes(':')) {
    const value = parseIpv4(text)
    return value === undefined ? undefined : { family: 4, value }
  }
  const value = parseIpv6(text)
  return value === undefined ? undefined : { family: 6, value }
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return undefined
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n)
}

function parseIpv6(text: string): bigint | undefined {
  const [before, after, ...more] = text.split('::')
  if (more.length > 0) return undefined
  const head = after === undefined ? lastGroupsOf(before!) : groupsOf(before!)
  const tail = after === undefined ? [] : lastGroupsOf(after)
  if (!head || !tail) return undefined
  const left = 8 - head.length - tail.length
  if (after === undefined ? left !== 0 : left < 1) return undefined
  return [...head, ...Array.from({ length: left }, () => 0n), ...tail].reduce((sum, group) => sum * 65_536n + group, 0n)
}

/** Groups of 16 bits between colons; undefined when one of them is none. */
function groupsOf(text: string): bigint[] | undefined {
  if (text === '') return []
  const groups = text.split(':')
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  return groups.map((group) => BigInt(`0x${group}`))
}

/** The groups that an address ends with, of which the last two may be written as an IPv4 address (RFC 4291, 2.2). */
function lastGroupsOf(text: string): bigint[] | undefined {
  const at = text.lastIndexOf(':') + 1
  if (!text.includes('.', at)) return groupsOf(text)
  const v4 = parseIpv4(text.slice(at))
  if (v4 === undefined) return undefined
  return groupsOf(`${text.slice(0, at)}${(v4 / 65_536n).toString(16)}:${(v4 % 65_536n).toString(16)}`)
}

/** The canonical text of an address (RFC 5952). */
export function formatIp({ family, value }: IpAddress): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.')
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16))
  let best = { at: -1, length: 1 }
  for (let at = 0; at < 8; at++) {
    let length = 0
    while (groups[at + length] === '0') length++
    if (length > best.length) best = { at, length }
  }
  if (best.at < 0) return groups.join(':')
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`
}

/** The network that an address is in: all but its first bits are zero. */
export function networkOf({ family, value }: IpAddress, prefix: number): IpAddress {
  const rest = BigInt(bitsOf(family) - prefix)
  return { family, value: (value >> rest) << rest }
}

/** An address and how many bits of it name the network. */
export interface Cidr {
  ip: IpAddress
  prefix: number
}

/** `10.0.0.1/8`: the address need not be the network's own. Undefined for what is no such text. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.lastIndexOf('/')
  const ip = slash < 0 ? undefined : parseIp(text.slice(0, slash))
  const bits = text.slice(slash + 1)
  if (!ip || !/^(0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > bitsOf(ip.family)) return undefined
  return { ip, prefix: Number(bits) }
}

/** Whether a network has an address, or the whole of another network. */
export function cidrHas({ ip, prefix }: Cidr, other: IpAddress, otherPrefix = bitsOf(other.family)): boolean {
  if (ip.family !== other.family || otherPrefix < prefix) return false
  return networkOf(ip, prefix).value === networkOf(other, prefix).value
}

/** 65535 above 96 bits of zeros: an IPv4 address written as IPv6. */
export const isMapped = ({ family, value }: IpAddress): boolean => family === 6 && value >> 32n === 0xffffn
