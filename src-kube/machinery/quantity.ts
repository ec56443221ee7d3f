/**
 * Quantities (kubernetes.io, "Quantity"): exact decimal numbers with a binary, decimal or exponent suffix. Kept as an integer
 * and a power of ten, so that `100m`, `1.5Gi` and `1e3` all stay exact.
 */
export interface Quantity {
  /** `value × 10^exponent` is the number. */
  readonly value: bigint
  readonly exponent: number
  readonly format: 'BinarySI' | 'DecimalSI' | 'DecimalExponent'
}

const decimal: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const binaryFactors: Record<string, bigint> = {
  Ki: 1n << 10n,
  Mi: 1n << 20n,
  Gi: 1n << 30n,
  Ti: 1n << 40n,
  Pi: 1n << 50n,
  Ei: 1n << 60n,
}
const suffixes = new Map(Object.entries(decimal).map(([suffix, power]) => [power, suffix]))
const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?(?:(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE])|[eE]([+-]?\d+))?$/

/** The words of the API server for what is no quantity. */
export const QUANTITY_ERROR =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

/** Throws `RangeError` with {@link QUANTITY_ERROR}. Numbers are accepted, as the API accepts them. */
export function parseQuantity(text: string | number): Quantity {
  const match = PATTERN.exec(String(text).trim())
  if (!match || (match[2] === '' && !match[3])) throw new RangeError(QUANTITY_ERROR)
  const [, sign, whole = '', fraction = '', suffix, exponent] = match
  let value = BigInt(whole + fraction || '0')
  if (sign === '-') value = -value
  if (suffix && suffix in binaryFactors) return binary(value * binaryFactors[suffix]!, -fraction.length)
  if (exponent !== undefined) return bounded(value, Number(exponent) - fraction.length, 'DecimalExponent')
  return bounded(value, decimal[suffix ?? '']! - fraction.length, 'DecimalSI')
}

/** Below one, a binary suffix would round: such numbers are decimal. */
function binary(value: bigint, exponent: number): Quantity {
  const quantity = bounded(value, exponent, 'BinarySI')
  const size = quantity.value < 0n ? -quantity.value : quantity.value
  return quantity.exponent < 0 && size < 10n ** BigInt(-quantity.exponent)
    ? { ...quantity, format: 'DecimalSI' }
    : quantity
}

/** Larger numbers are this one: the API keeps no more than 63 bits of units. */
const MOST = 2n ** 63n - 1n
const FINEST = -9

/** Caps at ±(2^63 − 1), without computing powers that a text such as `1e999999999` asks for. */
function bounded(value: bigint, exponent: number, format: Quantity['format']): Quantity {
  if (value < 0n) {
    const positive = bounded(-value, exponent, format)
    return { ...positive, value: -positive.value }
  }
  if (value === 0n) return { value, exponent: 0, format }
  const digits = String(value).length
  if (digits + exponent > 19) return { value: MOST, exponent: 0, format }
  if (digits + exponent < FINEST) return { value: 1n, exponent: FINEST, format }
  const quantity = normal(value, exponent, format)
  return scaled(quantity, 0) > MOST ? { value: MOST, exponent: 0, format } : quantity
}

/** Rounds up (away from zero) what is finer than a nano, and removes trailing zeros of a fraction. */
function normal(value: bigint, exponent: number, format: Quantity['format']): Quantity {
  let e = Math.max(exponent, FINEST)
  let v = scaled({ value, exponent, format }, e)
  while (v !== 0n && e < 0 && v % 10n === 0n) {
    v /= 10n
    e++
  }
  return { value: v, exponent: v === 0n ? 0 : e, format }
}

const ceilDivide = (a: bigint, b: bigint): bigint => (a + b - 1n) / b

/** The number in units of 10^`scale`, rounded up (away from zero). */
function scaled({ value, exponent }: Quantity, scale: number): bigint {
  const shift = exponent - scale
  if (shift >= 0) return value * 10n ** BigInt(shift)
  const divisor = 10n ** BigInt(-shift)
  return value < 0n ? -ceilDivide(-value, divisor) : ceilDivide(value, divisor)
}

/** Thousandths, rounded up: `1.5` → 1500, `100m` → 100. */
export function milliValue(text: string | number | undefined): number {
  return text === undefined ? 0 : cached(milliCache, text, -3)
}

/** Whole units, rounded up: bytes of memory, number of pods. */
export function bytesValue(text: string | number | undefined): number {
  return text === undefined ? 0 : cached(wholeCache, text, 0)
}

const milliCache = new Map<string | number, number>()
const wholeCache = new Map<string | number, number>()
/** Texts that are remembered; then all are forgotten. */
const MOST_CACHED = 4096

function cached(cache: Map<string | number, number>, text: string | number, scale: number): number {
  const known = cache.get(text)
  if (known !== undefined) return known
  const value = Number(scaled(parseQuantity(text), scale))
  if (cache.size >= MOST_CACHED) cache.clear()
  cache.set(text, value)
  return value
}

/** Negative, 0 or positive, as a sort wants it. Exact. */
export function compareQuantities(a: string | number | Quantity, b: string | number | Quantity): number {
  const [x, y] = [asQuantity(a), asQuantity(b)]
  const scale = Math.min(x.exponent, y.exponent)
  const difference = scaled(x, scale) - scaled(y, scale)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

const asQuantity = (q: string | number | Quantity): Quantity => (typeof q === 'object' ? q : parseQuantity(q))

/** Sum in the format of the first that is not zero. */
export function addQuantities(...terms: ReadonlyArray<string | number | Quantity>): Quantity {
  const quantities = terms.map(asQuantity)
  const scale = Math.min(0, ...quantities.map((q) => q.exponent))
  const format = quantities.find((q) => q.value !== 0n)?.format ?? quantities[0]?.format ?? 'DecimalSI'
  return normal(
    quantities.reduce((sum, q) => sum + scaled(q, scale), 0n),
    scale,
    format,
  )
}

/** Keeps the form of the quantity. */
export function negateQuantity(q: string | number | Quantity): Quantity {
  const quantity = asQuantity(q)
  return { ...quantity, value: -quantity.value }
}

/** The canonical form: the largest suffix with which no digits are lost. */
export function formatQuantity(q: string | number | Quantity): string {
  const quantity = asQuantity(q)
  if (quantity.value === 0n) return '0'
  const whole = scaled(quantity, 0)
  if (quantity.format === 'BinarySI' && quantity.exponent >= 0 && (whole >= 1024n || whole <= -1024n)) {
    const suffix = Object.entries(binaryFactors).findLast(([, factor]) => whole % factor === 0n)
    return suffix ? `${whole / suffix[1]}${suffix[0]}` : String(whole)
  }
  return formatDecimal(quantity)
}

function formatDecimal({ value, exponent, format }: Quantity): string {
  let [v, e] = [value, exponent]
  while (v % 10n === 0n) {
    v /= 10n
    e++
  }
  while (e % 3 !== 0 || e > 18) {
    v *= 10n
    e--
  }
  if (format === 'DecimalExponent') return e === 0 ? String(v) : `${v}e${e}`
  return `${v}${suffixes.get(e)!}`
}
