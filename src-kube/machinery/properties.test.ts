import type { LabelSelector } from '#types/meta/v1'
import { describe, expect, it } from 'vitest'
import { labelSelectorMatcher, parseLabelSelector } from './labels.ts'
import { generateName, isDns1123Label, isDns1123Subdomain, isLabelValue, isQualifiedName } from './names.ts'
import { jsonPatch } from './patch/json.ts'
import { mergePatch } from './patch/merge.ts'
import { strategicMergePatch } from './patch/strategic.ts'
import { addQuantities, compareQuantities, formatQuantity, negateQuantity } from './quantity.ts'
import { schemaOf } from './schema/index.ts'
import { randomObject } from './testing/random-object.ts'
import { forSeeds, type Random } from './testing/random.ts'

const suffixes = [
  '',
  'n',
  'u',
  'm',
  'k',
  'M',
  'G',
  'T',
  'P',
  'E',
  'Ki',
  'Mi',
  'Gi',
  'Ti',
  'Pi',
  'Ei',
  'e3',
  'E-2',
  'e0',
]
const quantity = (random: Random): string => {
  const sign = random.pick(['', '', '-', '+'])
  const whole = String(random.int(0, 99_999))
  const fraction = random.chance(0.3) ? `.${random.int(0, 9999)}` : ''
  return sign + whole + fraction + random.pick(suffixes)
}

describe('quantities', () => {
  it('mean the same when written and read again, and then have one form', () => {
    forSeeds(500, (random) => {
      const text = quantity(random)
      const written = formatQuantity(text)
      expect(compareQuantities(written, text)).toBe(0)
      expect(formatQuantity(written)).toBe(written)
    })
  })

  it('are ordered: whole order, and addition keeps it', () => {
    forSeeds(300, (random) => {
      const [a, b, c] = [quantity(random), quantity(random), quantity(random)]
      expect(compareQuantities(a, b)).toBe(compareQuantities(b, a) === 0 ? 0 : -compareQuantities(b, a))
      if (compareQuantities(a, b) <= 0 && compareQuantities(b, c) <= 0)
        expect(compareQuantities(a, c)).toBeLessThanOrEqual(0)
      expect(compareQuantities(addQuantities(a, b), addQuantities(b, a))).toBe(0)
      expect(formatQuantity(addQuantities(a, negateQuantity(a)))).toBe('0')
    })
  })
})

const name = (random: Random): string => random.text(9, 'abxyz019')
const key = (random: Random): string =>
  random.chance(0.3) ? `${name(random)}.io/${name(random)}` : random.pick(['app', 'tier', name(random)])
const labelValue = (random: Random): string => random.pick(['', 'web', 'db', '3', '12', name(random)])
const labels = (random: Random) => Object.fromEntries(random.list(() => [key(random), labelValue(random)], 4))

describe('label selectors', () => {
  const requirement = (random: Random): string => {
    const [k, v] = [key(random), labelValue(random)]
    const set = random.list(() => labelValue(random), random.int(1, 3)).join(',')
    return random.pick([
      k,
      `!${k}`,
      `${k}=${v}`,
      `${k} == ${v}`,
      `${k}!=${v}`,
      `${k} in (${set})`,
      `${k} notin (${set})`,
      `${k}>3`,
      `${k} < 5`,
    ])
  }

  it('mean the same when their canonical text is read again', () => {
    forSeeds(400, (random) => {
      const text = random.list(() => requirement(random)).join(',')
      const matcher = parseLabelSelector(text)
      const again = parseLabelSelector(String(matcher))
      expect(String(again)).toBe(String(matcher))
      for (const some of random.list(() => labels(random), 5)) expect(again.matches(some)).toBe(matcher.matches(some))
    })
  })

  it('hold exactly when each requirement does, in whatever order', () => {
    forSeeds(400, (random) => {
      const parts = random.list(() => requirement(random), random.int(1, 4))
      const some = labels(random)
      const each = parts.every((part) => parseLabelSelector(part).matches(some))
      expect(parseLabelSelector(parts.join(',')).matches(some)).toBe(each)
      expect(parseLabelSelector(parts.toReversed().join(', ')).matches(some)).toBe(each)
    })
  })

  it('of objects mean what the same text means', () => {
    forSeeds(400, (random) => {
      const matchLabels = labels(random)
      const values = random.list(() => labelValue(random), random.int(1, 3))
      const k = key(random)
      const [operator, text] = random.pick([
        ['In', `${k} in (${values.join(',')})`],
        ['NotIn', `${k} notin (${values.join(',')})`],
        ['Exists', k],
        ['DoesNotExist', `!${k}`],
      ] as const)
      const expression = { key: k, operator, ...(text.includes('(') ? { values } : {}) }
      const object = labelSelectorMatcher({ matchLabels, matchExpressions: [expression] } as LabelSelector)
      const parsed = parseLabelSelector([...Object.entries(matchLabels).map(([a, b]) => `${a}=${b}`), text].join(','))
      for (const some of [matchLabels, ...random.list(() => ({ ...matchLabels, ...labels(random) }), 4)])
        expect(object.matches(some)).toBe(parsed.matches(some))
    })
  })
})

describe('names', () => {
  const pieces = 'aZ09-._/'

  it('that are DNS labels are subdomains, label values and names of labels too', () => {
    forSeeds(1000, (random) => {
      const text = random.text(6, pieces)
      if (isDns1123Label(text).length > 0) return
      expect([isDns1123Subdomain(text), isLabelValue(text), isQualifiedName(text)]).toEqual([[], [], []])
    })
  })

  it('are subdomains exactly when each part between dots is a label', () => {
    forSeeds(1000, (random) => {
      const text = random.text(8, 'a0-.')
      const parts = text.split('.').every((part) => isDns1123Label(part).length === 0)
      expect(isDns1123Subdomain(text).length === 0).toBe(parts)
    })
  })

  it('generated from a name stay names, never longer than a label', () => {
    forSeeds(300, (random) => {
      const generated = generateName(`${random.list(() => name(random), random.int(1, 12)).join('-')}-`)
      expect(generated.length).toBeLessThanOrEqual(63)
      expect(isDns1123Label(generated)).toEqual([])
    })
  })
})

/** The document with only what no list and no map is in: there the three patches have nothing to disagree about. */
function scalars(value: unknown): Record<string, unknown> {
  const plain = Object.entries(value as object).filter(([, v]) => !Array.isArray(v))
  return Object.fromEntries(plain.map(([k, v]) => [k, typeof v === 'object' && v !== null ? scalars(v) : v]))
}

/** The merge patch that makes `to` of `from`. */
function difference(from: unknown, to: unknown): unknown {
  const isObject = (v: unknown): v is Record<string, unknown> =>
    typeof v === 'object' && v !== null && !Array.isArray(v)
  if (!isObject(from) || !isObject(to)) return to
  const patch: Record<string, unknown> = {}
  for (const k of Object.keys(from)) if (!(k in to)) patch[k] = null
  for (const [k, v] of Object.entries(to))
    if (JSON.stringify(from[k]) !== JSON.stringify(v)) patch[k] = difference(from[k], v)
  return patch
}

describe('patches', () => {
  const schema = schemaOf('v1', 'Pod')

  it('of all three types make the same object of scalars', () => {
    forSeeds(100, (random) => {
      const from = scalars(randomObject(random, schema))
      const to = scalars(randomObject(random, schema))
      const patch = difference(from, to)
      expect(mergePatch(from, patch)).toEqual(to)
      expect(strategicMergePatch(from, patch, schema)).toEqual(to)
      expect(jsonPatch(from, operations(from, to))).toEqual(to)
    })
  })

  it('that say nothing change nothing, and no patch touches the document it is given', () => {
    forSeeds(100, (random) => {
      const from = randomObject(random, schema)
      const before = structuredClone(from)
      expect(mergePatch(from, {})).toEqual(before)
      expect(strategicMergePatch(from, {}, schema)).toEqual(before)
      const patch = difference(from, randomObject(random, schema))
      mergePatch(from, patch)
      expect(from).toEqual(before)
    })
  })

  it('merged twice change nothing the second time', () => {
    forSeeds(100, (random) => {
      const patch = scalars(randomObject(random, schema))
      const once = strategicMergePatch(randomObject(random, schema), patch, schema)
      expect(strategicMergePatch(once, patch, schema)).toEqual(once)
      const plain = mergePatch(randomObject(random, schema), patch)
      expect(mergePatch(plain, patch)).toEqual(plain)
    })
  })
})

/** RFC 6902 operations on the first level that make `to` of `from`. */
function operations(from: Record<string, unknown>, to: Record<string, unknown>) {
  const path = (k: string) => `/${k.replaceAll('~', '~0').replaceAll('/', '~1')}`
  return [
    ...Object.keys(from)
      .filter((k) => !(k in to))
      .map((k) => ({ op: 'remove', path: path(k) })),
    ...Object.entries(to).map(([k, v]) => ({ op: k in from ? 'replace' : 'add', path: path(k), value: v })),
  ]
}
