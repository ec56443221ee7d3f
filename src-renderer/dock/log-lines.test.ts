import { describe, expect, it } from 'vitest'
import { lineSplitter, plainText, splitTimestamp } from './log-lines.ts'

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

  it('lose their timestamp and terminal colours', () => {
    expect(splitTimestamp('2026-01-01T00:00:00.5Z hello there')).toEqual({
      time: '2026-01-01T00:00:00.5Z',
      text: 'hello there',
    })
    expect(splitTimestamp('hello there')).toEqual({ time: '', text: 'hello there' })
    expect(plainText('\u001b[31mred\u001b[0m')).toBe('red')
  })
})
