/** `10.96.0.1` as a number; undefined when the text is no canonical IPv4 address. */
export function ipToNumber(text: string): number | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((p) => /^(0|[1-9]\d{0,2})$/.test(p) && Number(p) <= 255)) return undefined
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0)
}

/** Dotted decimals of an unsigned number of 32 bits. */
export function numberToIp(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
}

/** First and last address, both included. */
export type Ipv4Range = [first: number, last: number]

/** The addresses of a CIDR, which need not begin with the network's own; undefined when the text is no IPv4 CIDR. */
export function rangeOf(cidr: string): Ipv4Range | undefined {
  const [address = '', bits = '', ...more] = cidr.split('/')
  const ip = ipToNumber(address)
  if (ip === undefined || more.length > 0 || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) return undefined
  const size = 2 ** (32 - Number(bits))
  const first = ip - (ip % size)
  return [first, first + size - 1]
}

/** The addresses of a CIDR that a host may have (network and broadcast address left out). Throws `RangeError` for one that is no network of services. */
export function hostRange(cidr: string): Ipv4Range {
  const range = rangeOf(cidr)
  const size = range ? range[1] - range[0] + 1 : 0
  if (!range || size > 2 ** 24 || size < 4)
    throw new RangeError(`service CIDR must be an IPv4 network from /8 to /30, got ${cidr}`)
  return [range[0] + 1, range[1] - 1]
}

/** Whether an IPv4 network has an address; false for anything that is no IPv4. */
export function networkHas(cidr: string, ip: string): boolean {
  const range = rangeOf(cidr)
  const value = ipToNumber(ip)
  return range !== undefined && value !== undefined && value >= range[0] && value <= range[1]
}
