import { describe, expect, it } from 'vitest'
import { inOrder, lineSplitter, splitTimestamp } from './log-lines.ts'

describe('log lines', () => {
  it('are cut across chunks, also in the middle of a letter', () => {
    const lines: string[] = []
    const feed = lineSplitter((line) => lines.push(line))
    const bytes = new TextEncoder().encode('één\ntwo\nrest')
    feed(bytes.subarray(0, 1))
    feed(bytes.subarray(1, 8))
    feed(bytes.subarray(8))
    expect(lines).toEqual(['één', 'two'])
  })

  it('lose their timestamp', () => {
    expect(splitTimestamp('2026-01-01T00:00:00.5Z hello there')).toEqual({
      time: '2026-01-01T00:00:00.5Z',
      text: 'hello there',
    })
    expect(splitTimestamp('hello there')).toEqual({ time: '', text: 'hello there' })
  })
})

it('puts lines of several pods in the order of their times, and does nothing when they are', () => {
  const line = (id: number, time: string) => ({ id, source: '', time, text: '' })
  const lines = [line(1, '2026-01-01T00:00:02Z'), line(2, '2026-01-01T00:00:02.5Z')]
  inOrder(lines, 2)
  lines.push(line(3, '2026-01-01T00:00:01Z'), line(4, '2026-01-01T00:00:02.25Z'))
  inOrder(lines, 2)
  expect(lines.map(({ id }) => id)).toEqual([3, 1, 4, 2])
})
