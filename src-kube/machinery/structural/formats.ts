import { isDns1123Label, isDns1123Subdomain } from '../names.ts'

/**
 * The formats that CustomResourceDefinitions may ask for and that are checked (kubernetes.io, "CustomResourceDefinitions: Validation"); others are
 * only words.
 */
const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/
const DATE_TIME =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt ]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]\d\d:?\d\d)$/
const IPV4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/
const DURATION = /^[+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*$/
const WORDY_DURATION =
  /^\d+\s*(ns|nanos?|us|µs|micros?|ms|millis?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?)$/
const uuid = (version: string): RegExp =>
  new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$`, 'i')
const uuids: Record<string, RegExp> = { uuid: uuid('[0-9a-f]'), uuid3: uuid('3'), uuid4: uuid('4'), uuid5: uuid('5') }

const isIpv6 = (text: string): boolean => text.includes(':') && !text.includes('%') && URL.canParse(`http://[${text}]`)

function isCidr(text: string): boolean {
  const [address = '', length = '', ...more] = text.split('/')
  if (more.length > 0 || !/^\d+$/.test(length)) return false
  return IPV4.test(address) ? Number(length) <= 32 : isIpv6(address) && Number(length) <= 128
}

const ISBN10 = /^\d{9}[\dX]$/
const ISBN13 = /^97[89]\d{10}$/
const bare = (text: string): string => text.replaceAll(/[-\s]/g, '')

const isDate = (text: string): boolean =>
  !Number.isNaN(Date.parse(text)) &&
  new Date(`${text.slice(0, 10)}T00:00:00Z`).toISOString().startsWith(text.slice(0, 10))

/** By their names without dashes, which count for nothing. */
const texts: Record<string, (text: string) => boolean> = {
  bsonobjectid: (text) => /^[0-9a-f]{24}$/i.test(text),
  uri: (text) => URL.canParse(text) || /^\/[^\s]*$/.test(text),
  email: (text) => /^[^\s@<>]+@[^\s@<>]+$/.test(text),
  hostname: (text) =>
    text.length <= 255 &&
    /^[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)*\.?$/.test(text),
  ipv4: (text) => IPV4.test(text),
  ipv6: isIpv6,
  cidr: isCidr,
  mac: (text) => /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$|^([0-9a-f]{4}\.){2}[0-9a-f]{4}$/i.test(text),
  uuid: (text) => uuids['uuid']!.test(text),
  uuid3: (text) => uuids['uuid3']!.test(text),
  uuid4: (text) => uuids['uuid4']!.test(text),
  uuid5: (text) => uuids['uuid5']!.test(text),
  isbn: (text) => ISBN10.test(bare(text)) || ISBN13.test(bare(text)),
  isbn10: (text) => ISBN10.test(bare(text)),
  isbn13: (text) => ISBN13.test(bare(text)),
  creditcard: (text) => /^\d{13,19}$/.test(bare(text)),
  ssn: (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  hexcolor: (text) => /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text),
  rgbcolor: (text) => /^rgb\(\s*(25[0-5]|2[0-4]\d|1?\d?\d)\s*(,\s*(25[0-5]|2[0-4]\d|1?\d?\d)\s*){2}\)$/.test(text),
  byte: (text) => /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
  password: () => true,
  k8sshortname: (text) => isDns1123Label(text).length === 0,
  k8slongname: (text) => isDns1123Subdomain(text).length === 0,
  date: (text) => DATE.test(text) && isDate(text),
  duration: (text) => text === '0' || DURATION.test(text) || WORDY_DURATION.test(text),
  datetime: (text) => DATE_TIME.test(text) && isDate(text),
}

const named = (format: string): string => format.replaceAll('-', '')

/** Whether a format says something of texts. */
export const isKnownFormat = (format: string): boolean => Object.hasOwn(texts, named(format))

/** Whether a text has a format; every text has one that is not known. */
export const hasFormat = (text: string, format: string): boolean =>
  !isKnownFormat(format) || texts[named(format)]!(text)

const MOST_INT32 = 2 ** 31
const MOST_INT64 = 2 ** 63

/** Whether a number fits `int32`, `int64`, `float` or `double` (held to since 1.36). What is past the last int64 by less than a double tells apart passes. */
export function numberFits(value: number, format: string): boolean {
  if (format === 'int32') return Number.isInteger(value) && value >= -MOST_INT32 && value < MOST_INT32
  if (format === 'int64') return Number.isInteger(value) && value >= -MOST_INT64 && value <= MOST_INT64
  // Beyond the largest float, a number becomes none.
  return format === 'float' ? Number.isFinite(Math.fround(value)) : true
}
