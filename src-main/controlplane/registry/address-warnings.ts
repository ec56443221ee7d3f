import {
  bitsOf,
  formatIp,
  isMapped,
  networkOf,
  parseCidr,
  parseIp,
  type IpAddress,
} from '../../../src-kube/machinery/ip-address.ts'

const FUTURE = 'will be considered invalid in a future Kubernetes release'
const quoted = (text: string): string => JSON.stringify(text)

/** IPv4 with needless zeros is read as if they were not there. */
const withoutZeros = (text: string): string => text.replaceAll(/(^|\.)0+(?=\d)/g, '$1')

/** An IPv4 address written as IPv6 is that address. */
const plain = (ip: IpAddress): IpAddress => (isMapped(ip) ? { family: 4, value: ip.value & 0xffffffffn } : ip)

/** What to write instead of an address that programs may read in different ways (KEP-4858; reference: `GetWarningsForIP`). */
export function warningsOfIp(at: string, text: string): string[] {
  const ip = parseIp(text)
  const read = ip ?? parseIp(withoutZeros(text))
  if (!read) return []
  const canonical = formatIp(plain(read))
  if (!ip || isMapped(ip)) return [`${at}: non-standard IP address ${quoted(text)} ${FUTURE}: use ${quoted(canonical)}`]
  if (ip.family === 4 || canonical === text) return []
  return [`${at}: IPv6 address ${quoted(text)} should be in RFC 5952 canonical format (${quoted(canonical)})`]
}

/** The same of a network (reference: `GetWarningsForCIDR`). */
export function warningsOfCidr(at: string, text: string): string[] {
  const cidr = parseCidr(text)
  const [address = '', bits = ''] = text.split('/')
  const read = cidr ?? parseCidr(`${withoutZeros(address)}/${withoutZeros(bits)}`)
  if (!read) return []
  const mapped = isMapped(read.ip)
  const ip = plain(read.ip)
  const prefix = mapped ? Math.max(0, read.prefix - 96) : read.prefix
  const network = networkOf(ip, prefix)
  const whole = `${formatIp(network)}/${prefix}`
  const words: string[] = []
  if (network.value !== ip.value) {
    const alone = `${formatIp(ip)}/${bitsOf(ip.family)}`
    words.push(
      `${at}: CIDR value ${quoted(text)} is ambiguous in this context (should be ${quoted(whole)} or ${quoted(alone)}?)`,
    )
  }
  if (!cidr || mapped) words.push(`${at}: non-standard CIDR value ${quoted(text)} ${FUTURE}: use ${quoted(whole)}`)
  const canonical = `${formatIp(ip)}/${prefix}`
  if (words.length === 0 && ip.family === 6 && canonical !== text)
    words.push(`${at}: IPv6 CIDR value ${quoted(text)} should be in RFC 5952 canonical format (${quoted(canonical)})`)
  return words
}

/** Of each in a list. */
export const warningsOfIps = (at: string, texts: readonly string[] | undefined): string[] =>
  (texts ?? []).flatMap((text, i) => warningsOfIp(`${at}[${i}]`, text))
export const warningsOfCidrs = (at: string, texts: readonly string[] | undefined): string[] =>
  (texts ?? []).flatMap((text, i) => warningsOfCidr(`${at}[${i}]`, text))
