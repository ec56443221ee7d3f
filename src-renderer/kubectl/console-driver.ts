import { channel } from '../../src-wire/gateway/frames.ts'
import type { Completion, ConsoleNote } from '../../src-wire/gateway/kubectl.ts'
import { readLine, wordAtEnd, type WrittenCommand } from './command-line.ts'
import { completed, tableOf } from './completion.ts'
import { ConsoleScreen, type ScreenTerminal } from './console-screen.ts'
import { continuation, type DrawnLine } from './draw-line.ts'
import { LineEditor, type Outcome } from './line-editor.ts'
import { keysOf, type Key } from './terminal-keys.ts'

/** What a console is for, and by what. */
export interface ConsoleWorld {
  terminal: ScreenTerminal
  /** Where commands look when they name no namespace. */
  namespace(): string
  /** Stands for `~`. */
  home(): string
  /** What was written before, the latest last. */
  history: { lines(): readonly string[]; add(line: string): void }
  /** Resolves to whether it succeeded, once its end was told. */
  run(command: WrittenCommand): Promise<boolean>
  interrupt(): void
  complete(command: Pick<WrittenCommand, 'program' | 'words'>): Promise<Completion>
  /** To the standard input of what runs; nothing ends it. */
  input(text: string): void
  /** What the app does instead of kubectl, in a sentence; undefined for what kubectl does. */
  divert(words: readonly string[]): Promise<string | undefined>
  /** Empties the terminal and what is told again. */
  clear(): void
  /** What runs now, and how it ended. */
  running(line: string | undefined, note?: ConsoleNote): void
  words(key: string, values?: Record<string, unknown>): string
  /** What the gateway said, in the language of the app. */
  said(text: string): string
}

/**
 * A console as a person uses it: a line is edited at a prompt, read, and run command by command; what is typed while one runs is for its
 * standard input, line by line. What runs and what it says comes from the gateway, also what was said before this window looked.
 */
export class ConsoleDriver {
  readonly #world: ConsoleWorld
  readonly #screen: ConsoleScreen
  readonly #editor: LineEditor
  readonly #stdin = new LineEditor(() => [])
  readonly #decoders: Record<number, TextDecoder> = {}
  /** Commands that were written together and have not begun. */
  #queue: WrittenCommand[] = []
  /** A command is under way that this window asked for. */
  #isAtWork = false
  /** kubectl runs. */
  #isRunning = false
  /** Typed between two commands. */
  #ahead: Key[] = []

  constructor(world: ConsoleWorld) {
    this.#world = world
    this.#screen = new ConsoleScreen(world.terminal)
    this.#editor = new LineEditor(world.history.lines)
  }

  /** What the terminal reports: keys, and text that is pasted. */
  type(data: string): void {
    this.#press(keysOf(data))
  }

  #press(keys: readonly Key[]): void {
    for (const key of keys) {
      if (this.#isRunning) this.#feed(key)
      else if (this.#isAtWork) this.#ahead.push(key)
      else this.#edit(key)
    }
    this.refresh()
  }

  /** Output of what runs. */
  output(bytes: Uint8Array, on: number): void {
    if (on === channel.note) return this.#note(JSON.parse(new TextDecoder().decode(bytes)) as ConsoleNote)
    const decoder = (this.#decoders[on] ??= new TextDecoder())
    this.#screen.say(decoder.decode(bytes, { stream: true }))
    this.refresh()
  }

  /** The console is told from its beginning, into an empty terminal; without a greeting where it is empty. */
  begin(greeting: string): void {
    this.#screen.forget()
    this.#isRunning = false
    this.#world.running(undefined)
    if (greeting !== '') this.#screen.tell(greeting)
    this.refresh()
  }

  /** A sentence between what is said. */
  tell(text: string): void {
    this.#screen.tell(text)
    this.refresh()
  }

  /** Draws the line that is edited, as it is now. */
  refresh(): void {
    const line = this.#line()
    if (line) this.#screen.show(line)
    else this.#screen.hide()
  }

  /** The terminal has another size. */
  resized(): void {
    const line = this.#line()
    if (!line) return
    this.#screen.resized(line)
    this.refresh()
  }

  /** Undefined while there is nothing to edit. */
  #line(): DrawnLine | undefined {
    const { text, cursor } = this.#stdin
    if (this.#isRunning) return text === '' ? undefined : { prompt: this.#screen.tail, text, cursor }
    if (this.#isAtWork) return undefined
    const { search } = this.#editor
    const prompt = search
      ? this.#world.words(search.found === undefined && search.query ? 'notFound' : 'search', { query: search.query })
      : promptOf(this.#world.namespace())
    return { prompt, text: this.#editor.text, cursor: this.#editor.cursor }
  }

  #feed(key: Key): void {
    const { text } = this.#stdin
    const outcome = this.#stdin.press(key)
    if (outcome === 'submit') this.#give(`${text}\n`)
    else if (outcome === 'complete') this.#stdin.insert('\t')
    else if (outcome === 'interrupt') this.interrupt()
    else if (outcome === 'endOfInput') this.#world.input('')
    const end = this.#stdin.text.lastIndexOf('\n')
    if (end >= 0) this.#give(this.#stdin.text.slice(0, end + 1), this.#stdin.text.slice(end + 1))
  }

  /** The gateway tells it again, so that it stands where it was heard. */
  #give(text: string, rest = ''): void {
    this.#stdin.set(rest)
    this.#world.input(text)
  }

  /** As Ctrl-C does. */
  interrupt(): void {
    this.#queue = []
    this.#stdin.clear()
    this.#screen.say('^C')
    this.#world.interrupt()
  }

  #edit(key: Key): void {
    const outcome: Outcome = this.#editor.press(key)
    if (outcome === 'submit') this.#submit()
    else if (outcome === 'complete') void this.#complete()
    else if (outcome === 'interrupt') this.#dismiss()
    else if (outcome === 'clear') this.#clear()
  }

  #dismiss(): void {
    this.#queue = []
    this.#echo(`${this.#editor.text}^C`)
    this.#editor.clear()
  }

  #clear(): void {
    this.#world.clear()
    this.#screen.forget()
  }

  /** What was written, as it stands in the output from then on. */
  #echo(text: string, namespace = this.#world.namespace()): void {
    this.#screen.freshLine()
    this.#screen.hide()
    this.#screen.say(`${promptOf(namespace)}${text.replaceAll('\n', `\n${continuation}`)}\n`)
  }

  #submit(): void {
    const { text } = this.#editor
    const written = readLine(text, this.#world.home())
    if (written.state === 'open') return this.#editor.set(`${text}\n`)
    this.#world.history.add(text)
    this.#editor.clear()
    if (written.state === 'wish') {
      this.#echo(text)
      return this.#screen.tell(this.#world.words(`wishes.${written.wish}`))
    }
    if (written.commands.length === 0) return this.#echo(text)
    this.#queue = written.commands
    void this.#work()
  }

  async #work(): Promise<void> {
    this.#isAtWork = true
    this.#screen.hide()
    let succeeded = true
    try {
      for (let command = this.#queue.shift(); command; command = this.#queue.shift())
        if (succeeded || !command.onSuccess) succeeded = await this.#run(command)
    } catch (error) {
      this.#queue = []
      this.#screen.tell(error instanceof Error ? error.message : String(error))
    }
    this.#isAtWork = false
    this.#press(this.#ahead.splice(0))
  }

  async #run(command: WrittenCommand): Promise<boolean> {
    if (command.words.join() === 'clear') this.#clear()
    else {
      const told = await this.#divert(command)
      if (told === undefined) return this.#world.run(command)
      this.#screen.tell(told)
    }
    return true
  }

  async #divert({ program, words, line }: WrittenCommand): Promise<string | undefined> {
    if (program !== 'kubectl') return undefined
    const echo = (): void => this.#echo(line)
    const told = this.#world.divert(words)
    await told.then((sentence) => sentence !== undefined && echo(), echo)
    return told
  }

  async #complete(): Promise<void> {
    const { text, cursor } = this.#editor
    const before = text.slice(0, cursor)
    const word = wordAtEnd(before, this.#world.home())
    if (!word) return
    try {
      const found = completed(before, word, await this.#world.complete(word))
      // Somebody went on writing meanwhile.
      if (this.#editor.text !== text || this.#editor.cursor !== cursor || this.#isAtWork) return
      this.#editor.set(found.text + text.slice(cursor), found.text.length)
      if (found.text === before && found.choices.length > 0) this.#list(found.choices)
    } catch (error) {
      this.#screen.tell(error instanceof Error ? error.message : String(error))
    }
    this.refresh()
  }

  #list(choices: Completion['candidates']): void {
    const { cols, rows } = this.#world.terminal
    const { lines, left } = tableOf(choices, cols, rows)
    this.#echo(this.#editor.text)
    this.#screen.say(lines.map((line) => `${line}\n`).join(''))
    if (left > 0) this.#screen.tell(this.#world.words('more', { count: left }))
  }

  #note(note: ConsoleNote): void {
    if (note.type === 'typed') this.#screen.say(note.text)
    else if (note.type === 'cut') this.#screen.tell(this.#world.words('cut'))
    else if (note.type === 'began') {
      this.#echo(note.line, note.namespace)
      this.#isRunning = true
      this.#world.running(note.line)
    } else this.#ended(note)
    this.refresh()
  }

  #ended(note: Extract<ConsoleNote, { type: 'ended' }>): void {
    this.#isRunning = false
    this.#stdin.clear()
    const { code = 0, signal, message } = note
    if (message) this.#screen.tell(this.#world.said(message))
    else if (code !== 0) this.#screen.tell(this.#world.words('code', { code }))
    else if (signal && signal !== 'SIGINT') this.#screen.tell(this.#world.words('signal', { signal }))
    this.#screen.freshLine()
    this.#world.running(undefined, note)
  }
}

const promptOf = (namespace: string): string => `\x1b[1m${namespace}\x1b[0m $ `
