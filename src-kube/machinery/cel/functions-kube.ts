import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  milliValue,
  negateQuantity,
  parseQuantity,
} from '../quantity.ts'
import { isDns1123Label, isDns1123Subdomain, isLabelValue, isQualifiedName } from '../names.ts'
import { CelError } from './errors.ts'
import type { Functions, Overload } from './functions.ts'
import { Opaque, Optional, Quantity, type Value } from './values.ts'

/** A URL, as Kubernetes' `url()` parses it. */
class Url extends Opaque {
  readonly typeName = 'kubernetes.URL'
  readonly url: URL
  constructor(url: URL) {
    super()
    this.url = url
  }
}

/** A form that text may have: what is wrong with it, or nothing. */
class Format extends Opaque {
  readonly typeName = 'kubernetes.NamedFormat'
  readonly check: (text: string) => string[]
  constructor(check: (text: string) => string[]) {
    super()
    this.check = check
  }
}

const formats: Record<string, (text: string) => string[]> = {
  dns1123Label: isDns1123Label,
  dns1123Subdomain: isDns1123Subdomain,
  labelValue: isLabelValue,
  qualifiedName: isQualifiedName,
  uuid: (text) =>
    /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(text) ? [] : ['does not match the UUID format'],
}

function quantity(text: string): Quantity {
  try {
    parseQuantity(text)
    return new Quantity(text)
  } catch (error) {
    if (error instanceof RangeError) throw new CelError(error.message)
    throw error
  }
}

const canBe = (make: () => unknown): boolean => {
  try {
    make()
    return true
  } catch (error) {
    if (error instanceof CelError) return false
    throw error
  }
}

/** Absolute, or a path of its own. */
function url(text: string): Url {
  const whole = text.startsWith('/') ? `none://${text}` : text
  if (!URL.canParse(whole) || /\s/.test(text))
    throw new CelError(
      `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`,
    )
  return new Url(new URL(whole))
}

const onQuantities =
  (make: (a: Quantity, b: Quantity) => Value): Overload =>
  (a, b) =>
    a instanceof Quantity && b instanceof Quantity ? make(a, b) : undefined

const onUrl =
  (read: (url: URL) => Value): Overload =>
  (one) =>
    one instanceof Url ? read(one.url) : undefined

const asText = (one: Value | undefined): string | undefined => (typeof one === 'string' ? one : undefined)
const sum = (a: Quantity, b: Quantity | bigint, sign: 1 | -1): Quantity => {
  const other = b instanceof Quantity ? b.text : String(b)
  return new Quantity(formatQuantity(addQuantities(a.text, sign === 1 ? other : negateQuantity(other))))
}
const adding = (sign: 1 | -1): Overload[] => [
  (a, b) => (a instanceof Quantity && (b instanceof Quantity || typeof b === 'bigint') ? sum(a, b, sign) : undefined),
]

/** Kubernetes' own libraries: quantities, URLs and named formats ("Common Expression Language in Kubernetes: Kubernetes … library"). */
export const kubeFunctions: Functions = {
  quantity: [(text) => (asText(text) === undefined ? undefined : quantity(asText(text)!))],
  isQuantity: [(text) => (asText(text) === undefined ? undefined : canBe(() => quantity(asText(text)!)))],
  isGreaterThan: [onQuantities((a, b) => compareQuantities(a.text, b.text) > 0)],
  isLessThan: [onQuantities((a, b) => compareQuantities(a.text, b.text) < 0)],
  compareTo: [onQuantities((a, b) => BigInt(compareQuantities(a.text, b.text)))],
  add: adding(1),
  sub: adding(-1),
  sign: [(one) => (one instanceof Quantity ? BigInt(compareQuantities(one.text, '0')) : undefined)],
  isInteger: [(one) => (one instanceof Quantity ? milliValue(one.text) % 1000 === 0 : undefined)],
  asInteger: [
    (one) => {
      if (!(one instanceof Quantity)) return undefined
      const milli = milliValue(one.text)
      if (milli % 1000 !== 0) throw new CelError('cannot convert value to integer')
      return BigInt(milli / 1000)
    },
  ],
  asApproximateFloat: [(one) => (one instanceof Quantity ? milliValue(one.text) / 1000 : undefined)],
  url: [(text) => (asText(text) === undefined ? undefined : url(asText(text)!))],
  isURL: [(text) => (asText(text) === undefined ? undefined : canBe(() => url(asText(text)!)))],
  getScheme: [onUrl(({ protocol }) => (protocol === 'none:' ? '' : protocol.slice(0, -1)))],
  getHost: [onUrl(({ host }) => host)],
  getHostname: [onUrl(({ hostname }) => hostname.replaceAll(/[[\]]/g, ''))],
  getPort: [onUrl(({ port }) => port)],
  getEscapedPath: [onUrl(({ pathname }) => pathname)],
  getQuery: [
    onUrl(({ searchParams }) =>
      Object.fromEntries([...new Set(searchParams.keys())].map((key) => [key, searchParams.getAll(key)])),
    ),
  ],
  validate: [
    (one, text) => {
      if (!(one instanceof Format) || typeof text !== 'string') return undefined
      const words = one.check(text)
      return new Optional(words.length > 0 ? words : undefined)
    },
  ],
  // A name as a part of a JSON pointer (RFC 6901).
  'jsonpatch.escapeKey': [
    (key) => (typeof key === 'string' ? key.replaceAll('~', '~0').replaceAll('/', '~1') : undefined),
  ],
  'format.named': [
    (name) => {
      const check = typeof name === 'string' ? formats[name] : undefined
      return new Optional(check && new Format(check))
    },
  ],
  ...Object.fromEntries(Object.entries(formats).map(([name, check]) => [`format.${name}`, [() => new Format(check)]])),
}
