import { ipToNumber, numberToIp } from '../../../../src-kube/machinery/ipv4.ts'

/** First and last address, both included. */
type Range = [first: number, last: number]

/**
 * An `ipBlock` without its exceptions, as networks that do not overlap, in order: `10.0.0.0/30` except `10.0.0.1/32` is `10.0.0.0/32` and
 * `10.0.0.2/31`. None is wider than /1, which sets of the kernel do not take. None at all for IPv6: pods here have no such address.
 */
export function blockNetworks(cidr: string, except: readonly string[] = []): string[] {
  const whole = rangeOf(cidr)
  if (!whole) return []
  let left: Range[] = [whole]
  for (const hole of except.map(rangeOf)) if (hole) left = left.flatMap((range) => without(range, hole))
  return left.flatMap(networks)
}

function rangeOf(cidr: string): Range | undefined {
  const [address = '', bits = ''] = cidr.split('/')
  const number = ipToNumber(address)
  if (number === undefined || !/^\d+$/.test(bits) || Number(bits) > 32) return undefined
  const size = 2 ** (32 - Number(bits))
  const first = Math.floor(number / size) * size
  return [first, first + size - 1]
}

function without([first, last]: Range, [from, to]: Range): Range[] {
  if (to < first || last < from) return [[first, last]]
  const parts: Range[] = [
    [first, from - 1],
    [to + 1, last],
  ]
  return parts.filter(([start, end]) => start <= end)
}

const WIDEST = 2 ** 31

/** The fewest networks that make up a range. */
function networks([first, last]: Range): string[] {
  const found: string[] = []
  for (let at = first; at <= last;) {
    let size = 1
    while (size < WIDEST && at % (size * 2) === 0 && at + size * 2 - 1 <= last) size *= 2
    found.push(`${numberToIp(at)}/${32 - Math.log2(size)}`)
    at += size
  }
  return found
}
