import { expect, it, vi } from 'vitest'
import { channel } from '../../src-wire/gateway/frames.ts'
import type { Completion, ConsoleNote } from '../../src-wire/gateway/kubectl.ts'
import type { WrittenCommand } from './command-line.ts'
import { ConsoleDriver } from './console-driver.ts'

/** What a terminal shows that understands as much as a console writes. */
function fakeTerminal(cols = 40) {
  let lines = ['']
  let [row, column] = [0, 0]
  const put = (letter: string): void => {
    if (column === cols) [row, column] = [row + 1, 0]
    const line = (lines[row] ?? '').padEnd(column)
    lines[row] = line.slice(0, column) + letter + line.slice(column + 1)
    column++
  }
  const obey = (by: number, what: string): void => {
    if (what === 'A') row -= by
    if (what === 'C') column += by
    if (what === 'J') lines = [...lines.slice(0, row), (lines[row] ?? '').slice(0, column)]
  }
  return {
    cols,
    rows: 24,
    write(data: string) {
      for (const [one, number, what] of data.matchAll(/\p{Cc}\[(\d*)([A-Za-z])|[^]/gu)) {
        if (what) obey(Number(number || 1), what)
        else if (one === '\r') column = 0
        else if (one === '\n') row++
        else put(one)
      }
    },
    clear: () => ([lines, row, column] = [[''], 0, 0]),
    text: () =>
      Array.from(lines, (line) => (line ?? '').trimEnd())
        .join('\n')
        .trimEnd(),
    cursor: () => [row, column],
  }
}

function setup({
  divert = () => undefined,
  candidates = [],
}: { divert?: (words: readonly string[]) => string | undefined; candidates?: string[] } = {}) {
  const terminal = fakeTerminal()
  const history: string[] = []
  const ran: WrittenCommand[] = []
  const input: string[] = []
  let done: (succeeded: boolean) => void = () => undefined
  const said: Array<string | undefined> = []
  const interrupt = vi.fn<() => void>()
  const driver = new ConsoleDriver({
    terminal,
    namespace: () => 'shop',
    home: () => '/home/me',
    history: { lines: () => history, add: (line) => void history.push(line) },
    run(command) {
      ran.push(command)
      note({ type: 'began', line: command.line, namespace: 'shop' })
      return new Promise((resolve) => (done = resolve))
    },
    interrupt,
    complete: () =>
      Promise.resolve({
        candidates: candidates.map((text) => ({ text, description: '' })),
        goesOn: false,
      } as Completion),
    input: (text) => void input.push(text),
    divert: async (words) => divert(words),
    clear: () => void terminal.clear(),
    running: (line) => void said.push(line),
    said: (text) => text,
    words: (key, values) => `${key}${values ? ` ${JSON.stringify(values)}` : ''}`,
  })
  function note(one: ConsoleNote): void {
    driver.output(new TextEncoder().encode(JSON.stringify(one)), channel.note)
  }
  const say = (text: string): void => driver.output(new TextEncoder().encode(text), channel.stdout)
  const end = async (code: number): Promise<void> => {
    note({ type: 'ended', code })
    done(code === 0)
    await Promise.resolve()
  }
  driver.begin('hello')
  return { driver, terminal, history, ran, input, interrupt, said, say, end, note }
}

it('runs what is written, shows what is said, and asks for the next', async () => {
  const { driver, terminal, ran, say, end, history, said } = setup()
  expect(terminal.text()).toBe('hello\nshop $')
  driver.type('get po\r')
  await vi.waitFor(() => expect(ran).toHaveLength(1))
  expect(said.at(-1)).toBe('get po')
  say('NAME\nweb')
  say('-1\n')
  await end(0)
  expect(terminal.text()).toBe('hello\nshop $ get po\nNAME\nweb-1\nshop $')
  driver.type('get xx\r')
  await vi.waitFor(() => expect(ran).toHaveLength(2))
  await end(1)
  expect(terminal.text()).toMatch(/shop \$ get xx\ncode {"code":1}\nshop \$$/)
  expect(history).toEqual(['get po', 'get xx'])
  expect(said.at(-1)).toBeUndefined()
})

it('edits a line that is wider than the terminal', () => {
  const { driver, terminal } = setup()
  driver.type(`get pods -l app=web -o custom-columns=NAME:x`)
  expect(terminal.text()).toBe('hello\nshop $ get pods -l app=web -o custom-col\numns=NAME:x')
  driver.type('\x01k ')
  expect(terminal.text()).toBe('hello\nshop $ k get pods -l app=web -o custom-c\nolumns=NAME:x')
  expect(terminal.cursor()).toEqual([1, 9])
  driver.type('\x03')
  expect(terminal.text()).toMatch(/olumns=NAME:x\^C\nshop \$$/)
})

it('runs several commands one after another, and those after && only if all is well', async () => {
  const { driver, ran, end } = setup()
  driver.type('\x1b[200~get ns\nget xx && get po; get no\n\x1b[201~\r')
  for (const [before, code] of [0, 1, 0].entries()) {
    await vi.waitFor(() => expect(ran).toHaveLength(before + 1))
    await end(code)
  }
  expect(ran.map(({ line }) => line)).toEqual(['get ns', 'get xx', 'get no'])
})

it('gives what is typed to what runs, behind its question', async () => {
  const { driver, terminal, ran, say, input, note, end, interrupt } = setup()
  driver.type('delete po web -i\r')
  await vi.waitFor(() => expect(ran).toHaveLength(1))
  say('Do you want it? (y/n): ')
  driver.type('n\x7fy')
  expect(terminal.text()).toMatch(/Do you want it\? \(y\/n\): y$/)
  say('more ')
  expect(terminal.text()).toMatch(/Do you want it\? \(y\/n\): more y$/)
  driver.type('\r')
  expect(input).toEqual(['y\n'])
  note({ type: 'typed', text: 'y\n' })
  driver.type('\x1b[200~a\nb\nc\x1b[201~\x04')
  expect(input).toEqual(['y\n', 'a\nb\n'])
  driver.type('\x15\x04')
  expect(input.at(-1)).toBe('')
  driver.type('\x03')
  expect(interrupt).toHaveBeenCalledOnce()
  await end(0)
  expect(terminal.text()).toMatch(/more y\n.*\nshop \$$/s)
})

it('goes on in another line while a quote or a document is open', async () => {
  const { driver, terminal, ran } = setup()
  driver.type('apply -f - <<EOF\ra: 1\r')
  expect(terminal.text()).toBe('hello\nshop $ apply -f - <<EOF\n> a: 1\n>')
  driver.type('EOF\r')
  await vi.waitFor(() => expect(ran).toMatchObject([{ words: ['apply', '-f', '-'], input: 'a: 1\n' }]))
})

it('says what it does not do, and what it does instead', async () => {
  const { driver, terminal, ran, history } = setup({
    divert: ([verb]) => (verb === 'edit' ? 'opened an editor' : undefined),
  })
  driver.type('get po > x\r')
  expect(terminal.text()).toMatch(/shop \$ get po > x\nwishes.redirect\nshop \$$/)
  driver.type('edit po web\r')
  await vi.waitFor(() => expect(terminal.text()).toMatch(/shop \$ edit po web\nopened an editor\nshop \$$/))
  expect(ran).toEqual([])
  driver.type('\x1b[A\x1b[A')
  expect(terminal.text()).toMatch(/shop \$ get po > x$/)
  driver.type('\x15clear\r')
  await vi.waitFor(() => expect(terminal.text()).toBe('shop $'))
  expect(history).toHaveLength(3)
})

it('shows what was written before what became of it, also when there is no such thing', async () => {
  const { driver, terminal, ran } = setup({
    divert() {
      throw new Error('pods "x" not found, and some words that take more than a line')
    },
  })
  driver.type('exec -it x -- sh; get po\r')
  await vi.waitFor(() =>
    expect(terminal.text()).toBe(
      'hello\nshop $ exec -it x -- sh\npods "x" not found, and some words that\ntake more than a line\nshop $',
    ),
  )
  expect(ran).toEqual([])
})

it('completes, and lists what there is to choose from', async () => {
  const { driver, terminal } = setup({ candidates: ['web-1', 'web-2'] })
  driver.type('logs w\t')
  await vi.waitFor(() => expect(terminal.text()).toBe('hello\nshop $ logs web-'))
  driver.type('\t')
  await vi.waitFor(() => expect(terminal.text()).toBe('hello\nshop $ logs web-\nweb-1  web-2\nshop $ logs web-'))
})

it('is told again what was said, and that something still runs', () => {
  const { driver, terminal, said, note, say } = setup()
  terminal.clear()
  driver.begin('')
  expect(terminal.text()).toBe('shop $')
  terminal.clear()
  driver.begin('hello')
  note({ type: 'cut' })
  note({ type: 'began', line: 'get po -w', namespace: 'other' })
  say('web\n')
  expect(terminal.text()).toBe('hello\ncut\nother $ get po -w\nweb')
  expect(said.at(-1)).toBe('get po -w')
  note({ type: 'ended', message: 'It is gone.' })
  expect(terminal.text()).toMatch(/web\nIt is gone.\nshop \$$/)
})
