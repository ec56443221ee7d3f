import { expect, it } from 'vitest'
import { revealing, rowHeight, rowWindow, shiftOf } from './row-window.ts'

it('all that is in sight is drawn, wherever the list stands', () => {
  for (let top = 0; top < 300 * rowHeight - 700; top += 13) {
    const { first, end, pool } = rowWindow(top, 700, 300)
    expect(first).toBeLessThanOrEqual(top / rowHeight)
    expect(end).toBeGreaterThanOrEqual(Math.min(300, Math.ceil((top + 700) / rowHeight)))
    expect(end - first).toBeLessThanOrEqual(pool)
    expect(end - first).toBeLessThan(60)
  }
})

it('scrolling by a row or two mostly leaves the rows drawn as they are', () => {
  const firsts = Array.from({ length: 40 }, (_, row) => rowWindow(5000 + row * rowHeight, 700, 1000).first)
  expect(new Set(firsts).size).toBeLessThanOrEqual(11)
})

it('no two rows drawn share an element', () => {
  const { first, end, pool } = rowWindow(4000, 650, 1000)
  const slots = Array.from({ length: end - first }, (_, at) => (first + at) % pool)
  expect(new Set(slots).size).toBe(slots.length)
})

it('a list that became shorter, or is empty, has no rows that are not there', () => {
  expect(rowWindow(9000, 700, 3)).toMatchObject({ first: 0, end: 3 })
  expect(rowWindow(0, 700, 0)).toMatchObject({ first: 0, end: 0 })
  expect(rowWindow(-20, 0, 5)).toMatchObject({ first: 0, end: 5 })
})

it('a row is brought into sight from below, from under the header, or not at all', () => {
  expect(revealing(2, 100, 280)).toBe(56)
  expect(revealing(20, 0, 280)).toBe(20 * 28 + 56 - 280)
  expect(revealing(5, 100, 280)).toBe(100)
})

it('rows in sight moved as far as most of them did, whatever became of single ones', () => {
  const before = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  const sight = { first: 2, end: 6 }
  expect(shiftOf(before, before, sight)).toBe(0)
  expect(shiftOf(before, ['n', 'm', ...before], sight)).toBe(2)
  expect(shiftOf(before, before.slice(1), sight)).toBe(-1)
  expect(shiftOf(before, ['b', 'c', 'd', 'f', 'g', 'x', 'y', 'z', 'e'], sight)).toBe(-1)
  expect(shiftOf(before, [...before, 'h'], sight)).toBe(0)
  expect(shiftOf(before, ['x', 'y'], sight)).toBe(0)
})
