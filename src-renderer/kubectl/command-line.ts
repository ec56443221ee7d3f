/** What is written at the prompt, as commands for kubectl and helm. Pure. */
import type { ConsoleProgram } from '../../src-wire/gateway/kubectl.ts'
import { scanLine, type ShellWish, type Token } from './scan-line.ts'

/** One run of a program. */
export interface WrittenCommand {
  /** As it was written. */
  line: string
  program: ConsoleProgram
  /** Without a leading `kubectl`, `k` or `helm`. */
  words: string[]
  /** What its output goes through. */
  filters: string[][]
  /** What stands in the line as its standard input. */
  input?: string
  /** Only if the one before it succeeded. */
  onSuccess: boolean
}

/** What was typed in a console, understood as far as it goes. */
export type Written =
  | { state: 'whole'; commands: WrittenCommand[] }
  /** It goes on in another line. */
  | { state: 'open' }
  /** It wants something that only a shell could do. */
  | { state: 'wish'; wish: ShellWish }

/** Commands of a text: one a line, or with `;` and `&&` between them. */
export function readLine(text: string, home: string): Written {
  const { tokens, isOpen, wish } = scanLine(text, home)
  if (isOpen) return { state: 'open' }
  const unknown = wish ?? tokens.map(wishOf).find((found) => found !== undefined)
  if (unknown) return { state: 'wish', wish: unknown }
  const commands = partsOf(tokens).map(({ tokens: own, onSuccess, end }) =>
    commandOf(own, lineOf(text, own, end), onSuccess),
  )
  if (commands.includes('source')) return { state: 'wish', wish: 'source' }
  return { state: 'whole', commands: commands.filter((command) => command !== undefined && command !== 'source') }
}

function wishOf({ kind, text }: Token): ShellWish | undefined {
  if (kind !== 'operator') return undefined
  if (/[<>]/.test(text)) return 'redirect'
  return text === '||' ? 'or' : text === '&' ? 'background' : undefined
}

interface Part {
  tokens: Token[]
  onSuccess: boolean
  /** Where what follows it begins. */
  end?: number
}

function partsOf(tokens: readonly Token[]): Part[] {
  const parts: Part[] = [{ tokens: [], onSuccess: false }]
  for (const token of tokens) {
    const last = parts.at(-1)!
    const isEnd = token.kind === 'operator' && token.text !== '|'
    if (!isEnd) last.tokens.push(token)
    // A line may end behind what joins two commands.
    else if (last.tokens.length > 0 || token.text !== '\n') {
      last.end = token.start
      parts.push({ tokens: [], onSuccess: token.text === '&&' })
    }
  }
  return parts.filter((part) => part.tokens.length > 0)
}

/** What it was written as; a document that stands in it ends behind the line. */
function lineOf(text: string, tokens: readonly Token[], end: number | undefined): string {
  const document = tokens.find(({ kind }) => kind === 'document')
  return text.slice(tokens[0]!.start, document?.end ?? end).trim()
}

function commandOf(tokens: readonly Token[], line: string, onSuccess: boolean): WrittenCommand | 'source' | undefined {
  const steps: string[][] = [[]]
  for (const { kind, text } of tokens) {
    if (kind === 'operator') steps.push([])
    else if (kind === 'word') steps.at(-1)!.push(text)
  }
  const document = tokens.find(({ kind }) => kind === 'document')?.text
  const source = steps.length > 1 ? sourceOf(steps[0]!, document) : undefined
  const input = source ?? document
  const [words = [], ...filters] = source === undefined ? steps : steps.slice(1)
  if (words.length === 0) return undefined
  const [named, piped] = [programOf(words), programOf(filters[0] ?? [])]
  if (source === undefined && piped && named !== 'kubectl') return 'source'
  return { line, ...withoutName(words), filters, ...(input === undefined ? {} : { input }), onSuccess }
}

/** The program that words begin with; what begins with none is for kubectl. */
function programOf([name = '']: readonly string[]): ConsoleProgram | undefined {
  if (name === 'helm') return 'helm'
  return /^(kubectl|k)$/.test(name) ? 'kubectl' : undefined
}

const withoutName = (words: string[]): { program: ConsoleProgram; words: string[] } => {
  const program = programOf(words)
  return { program: program ?? 'kubectl', words: program ? words.slice(1) : words }
}

/** What `cat <<EOF` and `echo` write. */
function sourceOf([program, ...words]: readonly string[], document: string | undefined): string | undefined {
  if (program === 'cat' && words.length === 0) return document
  return program === 'echo' && document === undefined ? `${words.join(' ')}\n` : undefined
}

/** A word that is being written. */
export interface UnfinishedWord {
  program: ConsoleProgram
  /** All words of its command, without the program's name; the last is this one, as far as it goes. */
  words: string[]
  /** Where it begins in the text. */
  start: number
}

/** The word at the end of a text; undefined where kubectl has nothing to offer. */
export function wordAtEnd(text: string, home: string): UnfinishedWord | undefined {
  const { tokens } = scanLine(text, home)
  const begin = tokens.findLastIndex(({ kind, text: one }) => kind === 'operator' && one !== '|') + 1
  const own = tokens.slice(begin)
  if (own.some(({ kind }) => kind !== 'word') || tokens.some(wishOf)) return undefined
  const last = own.at(-1)
  const isBegun = last !== undefined && !/\s$/.test(unescaped(text.slice(last.start)))
  const all = [...own.map((token) => token.text), ...(isBegun ? [] : [''])]
  // The name of a program is a word that is being written, too.
  const command = all.length > 1 ? withoutName(all) : { program: 'kubectl' as const, words: all }
  return { ...command, start: isBegun ? last.start : text.length }
}

/** Without blanks that are part of a word. */
const unescaped = (word: string): string => word.replaceAll(/\\[^]|'[^']*'?|"(?:[^"\\]|\\[^])*"?/g, 'x')

/** A word as it has to be written to be one. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
