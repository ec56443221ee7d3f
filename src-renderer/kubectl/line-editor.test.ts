import { expect, it } from 'vitest'
import { completed, tableOf } from './completion.ts'
import { drawLine } from './draw-line.ts'
import { LineEditor } from './line-editor.ts'
import { keysOf } from './terminal-keys.ts'

/** The line after keys, with `|` where the cursor is. */
function typed(data: string, history: string[] = []) {
  const editor = new LineEditor(() => history)
  const outcomes = keysOf(data).map((key) => editor.press(key))
  return {
    line: `${editor.text.slice(0, editor.cursor)}|${editor.text.slice(editor.cursor)}`,
    last: outcomes.at(-1),
    editor,
  }
}

it.each([
  ['get po', 'get po|'],
  ['get po\x7f\x7f', 'get |'],
  ['get po\x1b[D\x1b[Dx', 'get x|po'],
  ['get po\x01kubectl ', 'kubectl |get po'],
  ['get po\x1b[H\x1b[F!', 'get po!|'],
  ['get pods -n shop\x1b[1;5D\x1b[1;5D', 'get pods -|n shop'],
  ['get pods\x01\x1b[1;5C', 'get| pods'],
  ['get pods\x1bb\x0b', 'get |'],
  ['get pods\x1bb\x15', '|pods'],
  ['get pods/web-1 x\x17\x17', 'get |'],
  ['get pods\x17\x19\x19', 'get podspods|'],
  ['get pods\x1b\x7f', 'get |'],
  ['get pods\x01\x1bd', '| pods'],
  ['abc\x01\x1b[3~', '|bc'],
  ['abc\x01\x04', '|bc'],
  ['a😀\x7f', 'a|'],
  ['a😀\x1b[D', 'a|😀'],
  ['\x1b[200~a\r\nb\x1b[201~', 'a\nb|'],
  ['\x1b[200~a\nbc\x1b[201~\x1b[A', 'a|\nbc'],
  ['a\x1b[99;9uz\x1b[I', 'az|'],
])('%j makes %s', (data, line) => expect(typed(data).line).toBe(line))

it('tells what is more than a change', () => {
  expect(typed('a\r').last).toBe('submit')
  expect(typed('a\t').last).toBe('complete')
  expect(typed('a\x03').last).toBe('interrupt')
  expect(typed('\x04').last).toBe('endOfInput')
  expect(typed('\f').last).toBe('clear')
})

it('goes through what was written before, and back to what was being written', () => {
  const history = ['one', 'two']
  expect(typed('x\x1b[A', history).line).toBe('two|')
  expect(typed('x\x1b[A\x1b[A\x1b[A', history).line).toBe('one|')
  expect(typed('x\x1b[A\x10\x1b[B\x0e', history).line).toBe('x|')
})

it('searches backwards through it', () => {
  const history = ['get pods', 'get nodes', 'apply']
  expect(typed('\x12get', history).line).toBe('get nodes|')
  expect(typed('\x12get\x12', history).line).toBe('get pods|')
  expect(typed('\x12get\x12\x12', history).editor.search).toEqual({ query: 'get', found: undefined })
  expect(typed('\x12ap\r', history)).toMatchObject({ line: 'apply|', last: 'submit' })
  expect(typed('\x12ap\x07', history).line).toBe('|')
  expect(typed('\x12pods\x01', history).line).toBe('|get pods')
})

it('draws a line that is wider than the terminal, and the cursor where it is', () => {
  const size = { columns: 10, rows: 5 }
  expect(drawLine({ prompt: '$ ', text: 'abc', cursor: 1 }, size)).toEqual({ output: '$ abc\r\x1b[3C', row: 0 })
  expect(drawLine({ prompt: '$ ', text: 'abcdefghij', cursor: 10 }, size)).toEqual({
    output: '$ abcdefghij\r\x1b[2C',
    row: 1,
  })
  expect(drawLine({ prompt: '$ ', text: 'abcdefghij', cursor: 0 }, size)).toEqual({
    output: '$ abcdefghij\x1b[1A\r\x1b[2C',
    row: 0,
  })
  expect(drawLine({ prompt: '\x1b[1m$\x1b[0m ', text: 'abcdefgh', cursor: 8 }, size)).toMatchObject({ row: 1 })
  expect(drawLine({ prompt: '$ ', text: '中文', cursor: 1 }, size).output).toBe('$ 中文\r\x1b[4C')
  expect(drawLine({ prompt: '$ ', text: 'a\nb', cursor: 3 }, size)).toEqual({ output: '$ a\r\n> b\r\x1b[3C', row: 1 })
  const long = Array.from({ length: 9 }, (_, i) => String(i)).join('\n')
  expect(drawLine({ prompt: '$ ', text: long, cursor: long.length }, size).output).toMatch(/^⋮ 4\r\n> 5/)
})

it('writes what all candidates have in common', () => {
  const offer = (...texts: string[]) => ({
    candidates: texts.map((text) => ({ text, description: '' })),
    goesOn: false,
  })
  const word = (text: string, start: number) => ({ words: ['get', text], start })
  expect(completed('get p', word('p', 4), offer('pods'))).toEqual({ text: 'get pods ', choices: [] })
  expect(completed('get p', word('p', 4), offer('pods', 'podtemplates'))).toMatchObject({ text: 'get pod' })
  expect(completed('get pod', word('pod', 4), offer('pods', 'podtemplates')).choices).toHaveLength(2)
  expect(completed('get x', word('x', 4), offer('pods'))).toEqual({ text: 'get x', choices: [] })
  expect(completed('get --output=', word('--output=', 4), offer('json'))).toMatchObject({ text: 'get --output=json ' })
  expect(completed('get --outp', word('--outp', 4), offer('--output='))).toMatchObject({ text: 'get --output=' })
  expect(completed('get "a', word('a', 4), offer('a b'))).toMatchObject({ text: `get 'a b' ` })
  expect(completed('cp ', word('', 3), { ...offer('dir/'), goesOn: true })).toMatchObject({ text: 'cp dir/' })
})

it('lists candidates with what they are, or in columns', () => {
  const described = [
    { text: 'get', description: 'Display' },
    { text: 'delete', description: 'Delete resources' },
  ]
  expect(tableOf(described, 20, 24)).toEqual({ lines: ['get     Display', 'delete  Delete reso'], left: 0 })
  const many = Array.from({ length: 130 }, (_, i) => ({ text: `pod-${i}`, description: '' }))
  const table = tableOf(many, 80, 24)
  expect(table.left).toBe(10)
  expect(table.lines[0]).toBe('pod-0    pod-15   pod-30   pod-45   pod-60   pod-75   pod-90   pod-105')
})
