import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  milliValue,
  negateQuantity,
  parseQuantity,
} from '../quantity.ts'
import { isDns1035Label, isDns1123Label, isDns1123Subdomain, isLabelValue, isQualifiedName } from '../names.ts'
import { hasFormat } from '../structural/formats.ts'
import { CelError } from './errors.ts'
import type { Functions, Overload } from './functions.ts'
import { isUrl } from './functions-url.ts'
import { Opaque, Optional, Quantity, type Value } from './values.ts'

/** A form that text may have: what is wrong with it, or nothing. */
class Format extends Opaque {
  readonly typeName = 'kubernetes.NamedFormat'
  readonly check: (text: string) => string[]
  constructor(check: (text: string) => string[]) {
    super()
    this.check = check
  }
}

type Flaws = (text: string) => string[]

/** What may be the beginning of a name that is then completed. */
const asPrefix =
  (flaws: Flaws): Flaws =>
  (text) =>
    flaws(text.length > 1 && text.endsWith('-') ? `${text.slice(0, -1)}a` : text)
const fitting =
  (pattern: RegExp, words: string): Flaws =>
  (text) =>
    pattern.test(text) ? [] : [words]

const formats: Record<string, Flaws> = {
  dns1123Label: isDns1123Label,
  dns1123Subdomain: isDns1123Subdomain,
  dns1035Label: isDns1035Label,
  dns1123LabelPrefix: asPrefix(isDns1123Label),
  dns1123SubdomainPrefix: asPrefix(isDns1123Subdomain),
  dns1035LabelPrefix: asPrefix(isDns1035Label),
  uri: (text) => (isUrl(text) ? [] : [`parse ${JSON.stringify(text)}: invalid URI for request`]),
  byte: fitting(/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, 'invalid base64'),
  date: (text) => (hasFormat(text, 'date') ? [] : ['invalid date']),
  datetime: (text) => (hasFormat(text, 'date-time') ? [] : ['invalid datetime']),
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

const onQuantities =
  (make: (a: Quantity, b: Quantity) => Value): Overload =>
  (a, b) =>
    a instanceof Quantity && b instanceof Quantity ? make(a, b) : undefined

const asText = (one: Value | undefined): string | undefined => (typeof one === 'string' ? one : undefined)
const sum = (a: Quantity, b: Quantity | bigint, sign: 1 | -1): Quantity => {
  const other = b instanceof Quantity ? b.text : String(b)
  return new Quantity(formatQuantity(addQuantities(a.text, sign === 1 ? other : negateQuantity(other))))
}
const adding = (sign: 1 | -1): Overload[] => [
  (a, b) => (a instanceof Quantity && (b instanceof Quantity || typeof b === 'bigint') ? sum(a, b, sign) : undefined),
]

/** Kubernetes' own libraries: quantities and named formats ("Common Expression Language in Kubernetes: Kubernetes … library"). */
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
      const check = typeof name === 'string' && Object.hasOwn(formats, name) ? formats[name] : undefined
      return new Optional(check && new Format(check))
    },
  ],
  ...Object.fromEntries(Object.entries(formats).map(([name, check]) => [`format.${name}`, [() => new Format(check)]])),
}
