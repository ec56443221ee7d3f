import { CelError } from './errors.ts'
import type { Functions, Overload } from './functions.ts'
import { Opaque, type Value } from './values.ts'

const NUMERAL = '(0|[1-9]\\d*)'
const dotted = (part: string) => `${part}(?:\\.${part})*`
const strict = new RegExp(
  `^${NUMERAL}\\.${NUMERAL}\\.${NUMERAL}(?:-(${dotted('(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)')}))?(?:\\+${dotted('[0-9a-zA-Z-]+')})?$`,
)

/** Numbers are of 64 bits. */
const isTooLarge = (digits: string): boolean => digits.length > 20 || BigInt(digits) > 0xffff_ffff_ffff_ffffn

/** A version as semver.org defines it. */
export class Semver extends Opaque {
  readonly typeName = 'kubernetes.Semver'
  readonly parts: readonly [bigint, bigint, bigint]
  readonly prerelease: readonly string[]

  private constructor(parts: readonly [bigint, bigint, bigint], prerelease: readonly string[]) {
    super()
    this.parts = parts
    this.prerelease = prerelease
  }

  /** Undefined for what is no version. */
  static parse(text: string): Semver | undefined {
    const found = strict.exec(text)
    if (!found) return undefined
    const [major = '', minor = '', patch = ''] = found.slice(1)
    if ([major, minor, patch].some(isTooLarge)) return undefined
    return new Semver([BigInt(major), BigInt(minor), BigInt(patch)], found[4]?.split('.') ?? [])
  }

  override order(other: Opaque): number | undefined {
    return other instanceof Semver ? compare(this, other) : undefined
  }
}

function compare(a: Semver, b: Semver): number {
  for (const [i, part] of a.parts.entries()) {
    const theirs = b.parts[i]!
    if (part !== theirs) return part < theirs ? -1 : 1
  }
  // What comes before a release is less than it.
  if (a.prerelease.length === 0 || b.prerelease.length === 0) return b.prerelease.length - a.prerelease.length
  for (const [i, part] of a.prerelease.entries()) {
    const other = b.prerelease[i]
    if (other === undefined) return 1
    const order = compareIdentifiers(part, other)
    if (order !== 0) return order
  }
  return a.prerelease.length - b.prerelease.length
}

/** Numbers by their value and before words, words as text. */
function compareIdentifiers(a: string, b: string): number {
  const [x, y] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (x !== y) return x ? -1 : 1
  const [left, right] = x ? [BigInt(a), BigInt(b)] : [a, b]
  return left < right ? -1 : left > right ? 1 : 0
}

/** `v1.02` as `1.2.0`: without the letter, with three numbers that begin with no needless zero. */
function normalized(text: string): string {
  const [, numbers = '', rest = ''] = /^v?([^-+]*)(.*)$/.exec(text) ?? []
  const parts = numbers.split('.').map((part) => (/^\d+$/.test(part) ? String(BigInt(part)) : part))
  while (parts.length < 3) parts.push('0')
  return parts.join('.') + rest
}

function parsed(text: Value | undefined, normalize: Value | undefined): Semver | undefined | null {
  if (typeof text !== 'string' || (normalize !== undefined && typeof normalize !== 'boolean')) return null
  return Semver.parse(normalize === true ? normalized(text) : text)
}

const make = (text: Value, normalize?: Value): Value | undefined => {
  const found = parsed(text, normalize)
  if (found === undefined) throw new CelError(`No Major.Minor.Patch elements found`)
  return found ?? undefined
}
const is = (text: Value, normalize?: Value): Value | undefined => {
  const found = parsed(text, normalize)
  return found === null ? undefined : found !== undefined
}
const numberAt =
  (i: 0 | 1 | 2): Overload =>
  (one) =>
    one instanceof Semver ? one.parts[i] : undefined
const comparing =
  (answer: (order: number) => Value): Overload =>
  (a, b) =>
    a instanceof Semver && b instanceof Semver ? answer(compare(a, b)) : undefined

/** Versions ("Common Expression Language in Kubernetes: Kubernetes semver library"). */
export const semverFunctions: Functions = {
  semver: [(text) => make(text!), (text, normalize) => make(text!, normalize)],
  isSemver: [(text) => is(text!), (text, normalize) => is(text!, normalize)],
  major: [numberAt(0)],
  minor: [numberAt(1)],
  patch: [numberAt(2)],
  isGreaterThan: [comparing((order) => order > 0)],
  isLessThan: [comparing((order) => order < 0)],
  compareTo: [comparing((order) => BigInt(Math.sign(order)))],
}
