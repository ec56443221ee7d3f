import { isIP } from 'node:net'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isMapped, networkOf, parseCidr, parseIp } from '../../../../src-kube/machinery/ip-address.ts'

const NO_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const NO_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
/** What was allowed once, since programs read it in different ways. */
const strict = {
  zeros: 'must not have leading 0s',
  mapped: 'must not be an IPv4-mapped IPv6 address',
  cidrZeros: 'must not have leading 0s in IP or prefix length',
  cidrMapped: 'must not have an IPv4-mapped IPv6 address',
  bits: 'must not have bits set beyond the prefix length',
} as const

const withoutZeros = (text: string): string => text.replaceAll(/(^|\.)0+(?=\d)/g, '$1')

/** An address that everybody reads as the same (KEP-4858). */
export function validateIp(text: string, at: FieldPath): FieldError[] {
  if (isIP(text) === 4) return []
  const ip = parseIp(text)
  if (ip) return isMapped(ip) ? [at.invalid(text, strict.mapped)] : []
  return [at.invalid(text, parseIp(withoutZeros(text)) ? strict.zeros : NO_IP)]
}

/** The same of a network, of which no bits are set but its own. */
export function validateCidr(text: string, at: FieldPath): FieldError[] {
  const cidr = parseCidr(text)
  if (!cidr) {
    const [address = '', bits = ''] = text.split('/')
    const read = parseCidr(`${withoutZeros(address)}/${withoutZeros(bits)}`)
    return [at.invalid(text, read ? strict.cidrZeros : NO_CIDR)]
  }
  if (isMapped(cidr.ip)) return [at.invalid(text, strict.cidrMapped)]
  return networkOf(cidr.ip, cidr.prefix).value === cidr.ip.value ? [] : [at.invalid(text, strict.bits)]
}

const isStrict = ({ message }: FieldError): boolean => Object.values(strict).some((words) => message.endsWith(words))

/** Errors of a change without those of values that were allowed once and were there before: `before` judges what was. */
export function withoutKept(errors: FieldError[], before: () => readonly FieldError[]): FieldError[] {
  if (!errors.some(isStrict)) return errors
  const known = new Set(before().map(({ message }) => message))
  return errors.filter((error) => !(isStrict(error) && known.has(error.message)))
}
