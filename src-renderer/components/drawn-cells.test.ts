import { expect, it } from 'vitest'
import { nextCells, type DrawnCells } from './drawn-cells.ts'

const columns = ['name', 'restarts', 'cpu']
const row = (key: string, restarts: number, cpu = '5m') => ({ key, columns, texts: [key, restarts, cpu] })
const next = (before: DrawnCells | undefined, to: ReturnType<typeof row>, recent = false): DrawnCells =>
  nextCells(before, to, { recent, lasting: (at) => columns[at] !== 'cpu' })

it('a cell that changed glows, those beside it do not, and again when it changes again', () => {
  const first = next(undefined, row('a', 0))
  expect(first.turns).toEqual([0, 0, 0])
  const second = next(first, row('a', 1))
  expect(second.turns).toEqual([0, 1, 0])
  expect(next(second, row('a', 2)).turns).toEqual([0, 2, 0])
  expect(next(second, row('a', 1)).turns).toEqual([0, 1, 0])
})

it('a row that is scrolled into an element does not glow, though the one before it did', () => {
  const changed = next(next(undefined, row('a', 0)), row('a', 1))
  expect(next(changed, row('b', 7)).turns).toEqual([0, 0, 0])
})

it('a row that has just come glows as a whole, and so does the next one in its element', () => {
  const come = next(undefined, row('a', 0), true)
  expect(come.turns).toEqual([1, 1, 1])
  expect(next(come, row('b', 0), true).turns).toEqual([2, 2, 2])
})

it('what is measured all the time does not glow', () => {
  expect(next(next(undefined, row('a', 0)), row('a', 0, '9m')).turns).toEqual([0, 0, 0])
})

it('other columns glow nowhere', () => {
  const before = next(undefined, row('a', 0))
  expect(nextCells(before, { ...row('a', 1), columns: [] }, { recent: false, lasting: () => true }).turns).toEqual([
    0, 0, 0,
  ])
})
