import { numberToIp, rangeOf, type Ipv4Range } from '../../../../src-kube/machinery/ipv4.ts'

/**
 * An `ipBlock` without its exceptions, as networks that do not overlap, in order: `10.0.0.0/30` except `10.0.0.1/32` is `10.0.0.0/32` and
 * `10.0.0.2/31`. None is wider than /1, which sets of the kernel do not take. None at all for IPv6: pods here have no such address.
 */
export function blockNetworks(cidr: string, except: readonly string[] = []): string[] {
  const whole = rangeOf(cidr)
  if (!whole) return []
  const holes = except.map(rangeOf).filter((hole) => hole !== undefined)
  return without(
    whole,
    holes.sort(([a], [b]) => a - b),
  ).flatMap(networks)
}

/** What the holes, in order of their beginnings, leave of a range. One pass: anybody may write a policy with tens of thousands of them. */
function without([first, last]: Ipv4Range, holes: readonly Ipv4Range[]): Ipv4Range[] {
  const left: Ipv4Range[] = []
  let at = first
  for (const [from, to] of holes) {
    if (from > last) break
    if (from > at) left.push([at, from - 1])
    at = Math.max(at, to + 1)
  }
  if (at <= last) left.push([at, last])
  return left
}

const WIDEST = 2 ** 31

/** The fewest networks that make up a range. */
function networks([first, last]: Ipv4Range): string[] {
  const found: string[] = []
  for (let at = first; at <= last;) {
    let size = 1
    while (size < WIDEST && at % (size * 2) === 0 && at + size * 2 - 1 <= last) size *= 2
    found.push(`${numberToIp(at)}/${32 - Math.log2(size)}`)
    at += size
  }
  return found
}
