import { expect, it } from 'vitest'
import { createUsageHistory, span } from './history.ts'
import { areaOf, ceilingOf, spanOf } from './area.ts'

const used = (cpu: number) => ({ cpu, memory: 0 })

it('remembers ten minutes of each object and forgets objects that are gone', () => {
  const history = createUsageHistory()
  history.add(0, new Map([['a', used(1)]]))
  history.add(10_000, new Map([['a', used(2)]]))
  expect(history.of('a').map((one) => one.cpu)).toEqual([1, 2])
  history.add(span, new Map([['a', used(3)]]))
  expect(history.of('a').map((one) => one.cpu)).toEqual([2, 3])
  history.add(span + 1, new Map([['b', used(1)]]))
  expect(history.of('a')).toEqual([])
})

it('remembers only what is on screen when there are very many', () => {
  const history = createUsageHistory()
  const many = new Map(Array.from({ length: 5000 }, (_, at) => [`p${at}`, used(at)] as const))
  const release = history.hold('p7')
  history.add(0, many)
  expect(history.of('p7')).toHaveLength(1)
  expect(history.of('p8')).toHaveLength(0)
  release()
  history.add(1, many)
  expect(history.of('p7')).toHaveLength(0)
})

it('keeps what an object used that has gone while somebody holds it, until it is too old', () => {
  const history = createUsageHistory()
  const release = history.hold('a')
  history.add(0, new Map([['a', used(1)]]))
  history.add(10_000, new Map([['b', used(1)]]))
  expect(history.of('a').map((one) => one.at)).toEqual([0])
  history.add(span, new Map([['b', used(1)]]))
  expect(history.of('a')).toEqual([])
  release()
})

it('draws from the right edge back in time, and leaves gaps where nothing was measured', () => {
  const area = areaOf(
    [
      { at: 0, value: 5 },
      { at: 10_000, value: 10 },
      { at: 100_000, value: 10 },
      { at: 110_000, value: 0 },
    ],
    { now: 110_000, span: 220_000, most: 10, width: 220, height: 100 },
  )
  expect(area.lines).toEqual(['M110 50L120 0', 'M210 0L220 100'])
  expect(area.fills[0]).toBe('M110 50L120 0L120 100L110 100Z')
})

it('draws a single figure as a short line, so that the first answer is seen', () => {
  const { lines } = areaOf([{ at: 100, value: 1 }], { now: 100, span: 100, most: 2, width: 100, height: 10 })
  expect(lines).toEqual(['M98 5L100 5'])
})

it('shows a limit when the use comes near it, and not when it would flatten the line', () => {
  expect(ceilingOf([10, 40], [100])).toBe(110)
  expect(ceilingOf([10], [1000])).toBe(12.5)
  expect(ceilingOf([], [100])).toBe(110)
  expect(ceilingOf([0], [])).toBe(1)
})

it('goes back as far as there is something to draw, ten minutes at most', () => {
  const since = (at: number) => spanOf([{ at, value: 1 }], 1_000_000)
  expect([since(990_000), since(800_000), since(100_000), spanOf([], 5)]).toEqual([120_000, 300_000, 600_000, 120_000])
})
