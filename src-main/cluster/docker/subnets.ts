/** IPv4 arithmetic for choosing the node network: pure. */
import { numberToIp, rangeOf, type Ipv4Range } from '../../../src-kube/machinery/ipv4.ts'

/** Whether two networks have an address in common. Throws for what is no IPv4 CIDR. */
export function overlaps(left: string, right: string): boolean {
  const [a, b] = [networkOf(left), networkOf(right)]
  return a[0] <= b[1] && b[0] <= a[1]
}

function networkOf(cidr: string): Ipv4Range {
  const range = rangeOf(cidr)
  if (!range) throw new Error(`not an IPv4 network: ${cidr}`)
  return range
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
  const [base] = networkOf(subnet)
  const number = /^n(\d{1,3})$/.exec(name)?.[1]
  const preferred = number ? FIRST_NODE - 1 + Number(number) : FIRST_NODE + 100
  const candidates = [preferred, ...Array.from({ length: 243 }, (_, i) => FIRST_NODE + i)]
  return candidates
    .filter((last) => last >= FIRST_NODE && last <= 254)
    .map((last) => numberToIp(base + last))
    .find((address) => !taken.includes(address))
}
