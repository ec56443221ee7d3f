import { describe, expect, it } from 'vitest'
import { inOrder, lineSplitter, plainText, splitTimestamp } from './log-lines.ts'

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
    expect(
      plainText('\u001b]0;title\u0007after \u001b(B\u001b[38;5;12mblue\u001b[m, \u001b]8;;http://x\u001b\\link'),
    ).toBe('after blue, link')
    expect(plainText('from Windows\r')).toBe('from Windows')
    expect(plainText('\rprogress 10%\rprogress 100%\rdone')).toBe('doneress 100%')
    expect(plainText('downloading 99%\r\u001b[Kdone')).toBe('done')
    expect(plainText('a \\ b [31m')).toBe('a \\ b [31m')
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
