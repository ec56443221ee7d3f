import { describe, expect, test } from 'vitest'
import { Budget, BudgetError, compile, CostError, toJson, type Value } from '../index.ts'
import { PER_CALL, PER_OBJECT } from './limits.ts'

const object = {
  name: 'web',
  long: 'x'.repeat(100),
  huge: 'x'.repeat(50_000),
  ports: [1, 2, 3],
  items: [{ name: 'a' }, { name: 'b' }],
  labels: { app: 'web', tier: 'front' },
} as Value

/** What an evaluation takes from a budget, whatever it comes to. */
function costOf(source: string): number {
  let spent = 0
  const budget = Object.assign(new Budget(), { spend: (cost: number) => void (spent += cost) })
  try {
    compile(source, ['self']).evaluate(new Map([['self', object]]), budget)
  } catch (error) {
    if (!(error instanceof CostError)) throw error
  }
  return spent
}

// The units are those of cel-go's runtime costs and of KEP-2876; what they come to was counted by hand.
test.each<[string, number]>([
  ['true', 0],
  ['1 + 2 == 3', 2],
  ['self', 1],
  ['self.name', 2],
  ['has(self.name)', 1],
  ['has(self.labels.app)', 2],
  ['self.ports[0]', 3],
  ['self.name == "web"', 3],
  ['self.long == self.long', 14],
  ['self.ports == [1, 2, 3]', 5],
  ['self.ports == [1, 2]', 3],
  ['self.items == self.items', 8],
  ['self.labels == {"app": "web", "tier": "front"}', 36],
  ['self.long < "a"', 3],
  ['self.long + self.long', 24],
  ['size(self.long) > 3', 4],
  ['self.long.startsWith("x")', 3],
  ['self.long.startsWith(self.long)', 14],
  ['self.long.contains("xxxxxxxxxxxxxxx")', 22],
  ['self.long.matches("^[a-z]+$")', 24],
  ['self.long.lowerAscii()', 12],
  ['self.long.replace("x", "y")', 22],
  ['[self.name, "b"]', 12],
  ['["a", "b"]', 0],
  ['{"a": self.name}', 32],
  ['self.name in ["a", "web"]', 2],
  ['2 in self.ports', 5],
  ['"app" in self.labels', 3],
  ['self.ports.all(p, p > 0)', 18],
  ['self.ports.exists(p, p == 1)', 9],
  ['self.items.map(i, i.name)', 41],
  ['self.ports.filter(p, p > 2)', 34],
  ['false && self.long == self.long', 0],
  ['true ? self : self.name', 1],
  ['isIP(self.name)', 3],
  ['sets.contains(self.ports, [1, 2])', 9],
])('%s takes %i', (source, cost) => {
  expect(costOf(source)).toBe(cost)
})

describe('an evaluation', () => {
  const run = (source: string, budget?: Budget): Value =>
    compile(source, ['self']).evaluate(new Map([['self', object]]), budget)
  const dear = 'self.huge.contains(self.huge)'

  test('ends where it takes more than one may, whatever else would decide', () => {
    for (const source of [dear, `${dear} || true`, `[1, 2].exists(x, ${dear} || x == 2)`, `!${dear} && false`]) {
      expect(() => run(source)).toThrow(CostError)
      expect(() => run(source)).toThrow('operation cancelled: actual cost limit exceeded')
    }
  })

  /** Binds a name to what is made of the one before, forty times: what the last one holds has no end. */
  const grown = (first: string, make: (name: string) => string, last: (name: string) => string): string => {
    const names = Array.from({ length: 40 }, (_, i) => `n${i}`)
    const end = last(names.at(-1)!)
    return names.reduceRight(
      (body, name, i) => `cel.bind(${name}, ${i === 0 ? first : make(names[i - 1]!)}, ${body})`,
      end,
    )
  }

  test.each<readonly [what: string, source: string]>([
    ['a long list', 'lists.range(1000000000000).size() > 0'],
    [
      'texts in a text',
      grown(
        'self.long',
        (text) => `"%s%s".format([${text}, ${text}])`,
        (text) => `${text} != ""`,
      ),
    ],
    [
      'a text in all places',
      grown(
        'self.long',
        (text) => `${text}.replace("x", ${text})`,
        (text) => `${text} != ""`,
      ),
    ],
    [
      'lists in a list',
      grown(
        'self.ports',
        (list) => `[${list}, ${list}].flatten()`,
        (list) => `size(${list}) > 0`,
      ),
    ],
    ...['self.ports', '[]', '""'].map((first): [string, string] => [
      `lists that hold each other, the first one ${first}`,
      grown(
        first,
        (list) => `[${list}, ${list}]`,
        (list) => `${list} == ${list}`,
      ),
    ]),
    ...[
      '{1: 1} → {1: X, 2: X} → X == X',
      'optional.of(1) → optional.of([X, X]) → X == X',
      '[1] → [X, X] → X in [X]',
      '{1: 1} → {1: X, 2: X} → "%s".format([X]) == ""',
      '[1] → [X, X] → [X, X].distinct().size() > 0',
      '[1] → [X, X] → sets.contains([X], [X])',
    ].map((growth): [string, string] => {
      const [first, make, last] = growth.split(' → ') as [string, string, string]
      const source = grown(
        first,
        (name) => make.replaceAll('X', name),
        (name) => last.replaceAll('X', name),
      )
      return [growth, source]
    }),
  ])('ends before a call that takes too much is made: %s', (_what, source) => {
    expect(() => run(source)).toThrow(CostError)
  })

  test('gets nothing back for a list of less than no items', () => {
    const refunded = `lists.range(-1000000000).size() == 0`
    expect(() => run(`${refunded} && ${dear}`)).toThrow(CostError)
    expect(costOf(refunded)).toBeGreaterThan(0)
  })

  test('may come to what is too large to be written out', () => {
    const value = run(
      grown(
        '1',
        (list) => `[${list}, ${list}]`,
        (list) => list,
      ),
    )
    expect(() => toJson(value)).toThrow(CostError)
  })

  test('takes what it cost from a budget, also when it comes to nothing', () => {
    const budget = new Budget(7)
    run('self.name', budget)
    expect(() => run('self.name.nothing', budget)).toThrow('select nothing')
    run('self.name', budget)
    expect(() => run('self.name', budget)).toThrow(BudgetError)
    expect(budget.isSpent).toBe(true)
  })

  test('takes nothing when it was only put off', () => {
    const later = new Error('later')
    const budget = new Budget(1)
    const wait = new Map([
      [
        'self',
        (): Value => {
          throw later
        },
      ],
    ])
    expect(() => compile('1 + 1 == 2 && self', ['self']).evaluate(wait, budget)).toThrow(later)
    expect(budget.isSpent).toBe(false)
  })
})

test('A budget has room for ten of the dearest evaluations', () => {
  const budget = new Budget()
  for (let i = 0; i < PER_OBJECT / PER_CALL; i++) budget.spend(PER_CALL)
  expect(budget.isSpent).toBe(false)
  expect(() => budget.spend(1)).toThrow(
    'validation failed due to running out of cost budget, no further validation rules will be run',
  )
})

test('Maps are compared and looked into by their keys, however many there are', () => {
  const keys = Array.from({ length: 20_000 }, (_, i) => [`k${i}`, i] as const)
  const [a, b] = [Object.fromEntries(keys), Object.fromEntries(keys.toReversed())] as [Value, Value]
  const given = new Map([
    ['a', a],
    ['b', b],
  ])
  expect(compile('a == b && a != {"k1": 1} && "k9" in a && !("x" in a)', ['a', 'b']).evaluate(given)).toBe(true)
})
