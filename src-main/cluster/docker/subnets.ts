/** IPv4 arithmetic for choosing the node network: pure. */
import { ipToNumber, numberToIp } from '../../../src-kube/machinery/ipv4.ts'

/** `172.28.3.0/24` → first address as a number and the prefix length. Throws on anything else than IPv4 CIDR. */
export function parseCidr(text: string): { base: number; bits: number } {
  const [, ip = '', prefix] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? []
  const address = ipToNumber(ip)
  if (address === undefined) throw new Error(`not an IPv4 network: ${text}`)
  const bits = Number(prefix)
  const size = 2 ** (32 - bits)
  return { base: address - (address % size), bits }
}

/** Whether two IPv4 ranges in CIDR notation have an address in common. */
export function overlaps(left: string, right: string): boolean {
  const a = parseCidr(left)
  const b = parseCidr(right)
  return a.base < b.base + 2 ** (32 - b.bits) && b.base < a.base + 2 ** (32 - a.bits)
}

/** The first /24 of 172.28.0.0/14 that overlaps none of `taken`; undefined when all are. */
export function freeSubnet(taken: readonly string[]): string | undefined {
  const ipv4 = taken.filter((cidr) => /^[\d.]+\/\d+$/.test(cidr))
  for (let i = 0; i < 1024; i++) {
    const candidate = `172.${28 + (i >> 8)}.${i & 255}.0/24`
    if (!ipv4.some((cidr) => overlaps(cidr, candidate))) return candidate
  }
  return undefined
}

/** First address after the desktop's own that a node may have: the gateway is .1, `n1` is .11. */
const FIRST_NODE = 11

/**
 * A fixed address for a node: `n3` gets .13 when it is free, any other name the first free one.
 * Undefined when the network is full.
 */
export function nodeAddress(subnet: string, name: string, taken: readonly string[]): string | undefined {
  const { base } = parseCidr(subnet)
  const number = /^n(\d{1,3})$/.exec(name)?.[1]
  const preferred = number ? FIRST_NODE - 1 + Number(number) : FIRST_NODE + 100
  const candidates = [preferred, ...Array.from({ length: 243 }, (_, i) => FIRST_NODE + i)]
  return candidates
    .filter((last) => last >= FIRST_NODE && last <= 254)
    .map((last) => numberToIp(base + last))
    .find((address) => !taken.includes(address))
}
