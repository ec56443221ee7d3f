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

/** First and last address of a CIDR that a host may have (network and broadcast address left out). */
export function hostRange(cidr: string): [first: number, last: number] {
  const [address = '', bits = ''] = cidr.split('/')
  const base = ipToNumber(address)
  const prefix = Number(bits)
  if (base === undefined || !(prefix >= 8 && prefix <= 30))
    throw new RangeError(`service CIDR must be an IPv4 network from /8 to /30, got ${cidr}`)
  const size = 2 ** (32 - prefix)
  const network = Math.floor(base / size) * size
  return [network + 1, network + size - 2]
}

/** Whether an IPv4 network has an address; false for anything that is no IPv4. */
export function networkHas(cidr: string, ip: string): boolean {
  const [address = '', bits = ''] = cidr.split('/')
  const base = ipToNumber(address)
  const value = ipToNumber(ip)
  if (base === undefined || value === undefined || !/^\d+$/.test(bits)) return false
  const size = 2 ** (32 - Number(bits))
  return Math.floor(base / size) === Math.floor(value / size)
}
