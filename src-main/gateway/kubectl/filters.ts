/**
 * What output can go through without a shell: `grep`, `head`, `tail` and `wc -l`, which are done here line by line. Others are refused with
 * a sentence. Expressions of `grep` are held to what takes no more than a moment on any line: no groups, and few repetitions.
 */
import { UserError } from '../../cluster/user-error.ts'

/** One step: lines come in, some go on. */
export interface Filter {
  /** What goes on of a line; `isEnough` when no other will. */
  line(text: string): { lines: readonly string[]; isEnough?: boolean }
  /** What is said once no more lines come. */
  end(): readonly string[]
  /** How it judges what it saw, as an exit code. */
  code?(): number
}

/** Throws a {@link UserError} for what is none of the filters, or more than they can. */
export function filterOf([name, ...words]: readonly string[]): Filter {
  if (name === 'grep' || name === 'egrep' || name === 'fgrep')
    return grep(name === 'egrep' ? ['-E', ...words] : name === 'fgrep' ? ['-F', ...words] : words)
  if (name === 'head') return head(countOf('head', words))
  if (name === 'tail') return tail(countOf('tail', words))
  if (name === 'wc' && words.join() === '-l') return count()
  throw new UserError(
    `There is no shell here, so output cannot go to ${name ?? 'nothing'}.`,
    'Only grep, head, tail and wc -l are known; kubectl itself has -o jsonpath, --sort-by and -l.',
  )
}

/** 10 without words; `-5`, `-n5`, `-n 5` and `--lines=5` otherwise. */
function countOf(name: string, words: readonly string[]): number {
  if (words.length === 0) return 10
  const found = /^(?:-n ?|--lines[= ]|-)(\d{1,6})$/.exec(words.join(' '))
  if (!found) throw new UserError(`${name} takes here only a number of lines.`, `Write \`${name} -n 20\`.`)
  return Number(found[1])
}

function head(most: number): Filter {
  let seen = 0
  return {
    line: (text) => {
      seen++
      return { lines: seen <= most ? [text] : [], isEnough: seen >= most }
    },
    end: () => [],
  }
}

function tail(most: number): Filter {
  const last: string[] = []
  return {
    line(text) {
      last.push(text)
      if (last.length > most) last.shift()
      return { lines: [] }
    },
    end: () => last,
  }
}

function count(): Filter {
  let seen = 0
  return {
    line() {
      seen++
      return { lines: [] }
    },
    end: () => [String(seen)],
  }
}

function grep(words: readonly string[]): Filter {
  const flags = words
    .filter((word) => /^-[a-zA-Z]+$/.test(word))
    .join('')
    .replaceAll('-', '')
  const patterns = words.filter((word) => !/^-[a-zA-Z]+$/.test(word))
  const unknown = /[^ivcFEew]/.exec(flags)?.[0]
  if (unknown) throw new UserError(`grep knows here no -${unknown}.`, 'It knows -i, -v, -c, -w, -E and -F.')
  if (patterns.length !== 1) throw new UserError('grep takes here one pattern and no files.', 'Put it in quotes.')
  const form = expression(patterns[0]!, flags)
  let found = 0
  return {
    line(text) {
      const isFound = form.test(text.slice(0, LONGEST_LINE)) !== flags.includes('v')
      if (isFound) found++
      return { lines: isFound && !flags.includes('c') ? [text] : [] }
    },
    end: () => (flags.includes('c') ? [String(found)] : []),
    code: () => (found > 0 ? 0 : 1),
  }
}

/** Letters of a line that are looked at. */
const LONGEST_LINE = 10_000
/** Each repetition may try every place of a line, for every place of those before it. */
const MOST_REPETITIONS = 3
/** Letters, sets of them and what stands for some, each perhaps repeated; alternatives of these. */
const PLAIN = /^(?:(?:[^()[\]{}\\*+?]|\\[^\p{L}\p{N}]|\\[bBdDsSwW]|\[(?:\^?\]?[^\]\\]*)\])[*+?]?)*$/u

function expression(pattern: string, flags: string): RegExp {
  const source = flags.includes('F')
    ? pattern.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    : flags.includes('E')
      ? pattern
      : extended(pattern)
  const repetitions = source.replaceAll(/\\.|\[[^\]]*\]/gs, 'x').match(/[*+]/g)?.length ?? 0
  if (!flags.includes('F') && (!PLAIN.test(source) || repetitions > MOST_REPETITIONS))
    throw new UserError(
      'grep takes here simple expressions only: without groups, counts, and more than three repetitions.',
      'With -F every letter stands for itself.',
    )
  try {
    return new RegExp(flags.includes('w') ? `\\b(?:${source})\\b` : source, flags.includes('i') ? 'i' : '')
  } catch (cause) {
    throw new UserError(`grep does not understand ${pattern}.`, 'With -F every letter stands for itself.', { cause })
  }
}

/** A basic expression (POSIX) as an extended one: there the letters that repeat and part stand for themselves unless a backslash is before them. */
const extended = (pattern: string): string =>
  pattern.replaceAll(/\[\^?\]?[^\]]*\]|\\([+?|(){}])|([+?|(){}])|\\?[^]/g, (all, special?: string, literal?: string) =>
    special !== undefined ? special : literal !== undefined ? `\\${literal}` : all,
  )
