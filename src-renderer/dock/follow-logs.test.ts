import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { Connection, StreamHandle, StreamHandlers } from '../api/connection.ts'
import type { Kube } from '../api/kube.ts'
import { followLogs } from './follow-logs.ts'
import { spansOf } from './styled-text.ts'

const opened: StreamHandlers[] = []
const kube = partial<Kube>({
  cluster: 'dev',
  connection: partial<Connection>({
    open: (_request, handlers) => {
      opened.push(handlers)
      return partial<StreamHandle>({ close: () => undefined })
    },
  }),
})

beforeEach(() => {
  opened.length = 0
  vi.useFakeTimers({ toFake: ['requestAnimationFrame', 'setTimeout'] })
})
afterEach(() => void vi.useRealTimers())

const follow = () => {
  const logs = followLogs(kube)
  logs.follow([{ namespace: 'default', pod: 'web', container: 'main' }], { previous: false, labelled: false })
  return logs
}

let second = 10
function write(text: string): void {
  opened.at(-1)!.data!(new TextEncoder().encode(`2026-01-01T00:00:${second++}Z ${text}\n`), 0)
  vi.advanceTimersToNextFrame()
}

it('keeps the colours of a line beside its text, over several lines, and nothing where there are none', () => {
  const logs = follow()
  for (const line of ['ready', '\u001b[31mError', '  at main\u001b[0m', 'ready again']) write(line)
  expect(logs.lines.value.map(({ text }) => text)).toEqual(['ready', 'Error', '  at main', 'ready again'])
  expect(logs.lines.value.map(({ styled }) => styled && spansOf(styled))).toEqual([
    undefined,
    [{ text: 'Error', style: { colour: 1 } }],
    [{ text: '  at main', style: { colour: 1 } }],
    undefined,
  ])
})

it.each([
  [true, { colour: 1 }],
  [false, undefined],
])('goes on in the colour of a stream that was lost (%s), not of a program that ended', (lost, style) => {
  const logs = follow()
  write('\u001b[31mError')
  opened.at(-1)!.closed({ lost })
  vi.advanceTimersByTime(5000)
  expect(opened).toHaveLength(2)
  write('more')
  expect(logs.lines.value.at(-1)?.styled?.from).toEqual(style)
})
