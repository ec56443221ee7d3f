import { CelSyntaxError } from './errors.ts'

/** The smallest part of an expression; the last one is always `end`. */
export interface Token {
  kind: 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'ident' | 'symbol' | 'end'
  /** Of a string what it stands for; of others their characters. */
  text: string
  /** Offset in the source. */
  at: number
}

const SPACE = /(?:\s+|\/\/[^\n]*)*/y
const NUMBER = /(?:0x[0-9a-fA-F]+u?|\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?|\d+u?)/y
const IDENT = /[A-Za-z_][A-Za-z0-9_]*/y
const QUOTED = /([rRbB]{0,2})("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/y
/** Raw strings end at the first quote: a backslash is one. */
const RAW = /([bB]?[rR][bB]?)("""[\s\S]*?"""|'''[\s\S]*?'''|"[^"\n]*"|'[^'\n]*')/y
const SYMBOL = /\|\||&&|==|!=|<=|>=|\.\?|\[\?|[-+*/%<>!?:.,()[\]{}]/y

/** Splits an expression into tokens (the Common Expression Language's specification, "Syntax"). Throws {@link CelSyntaxError}. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    return pattern.exec(source)
  }
  for (;;) {
    at += match(SPACE)![0].length
    if (at >= source.length) break
    const quoted = match(RAW) ?? match(QUOTED)
    if (quoted) {
      const [whole, prefix = '', text = ''] = quoted
      const bytes = /b/i.test(prefix)
      tokens.push({ kind: bytes ? 'bytes' : 'string', text: contentOf(text, /r/i.test(prefix), source, at), at })
      at += whole.length
      continue
    }
    const found = match(NUMBER) ?? match(IDENT) ?? match(SYMBOL)
    if (!found) throw new CelSyntaxError(source, at, `Syntax error: token recognition error at: '${source[at]}'`)
    tokens.push({ kind: kindOf(found[0]), text: found[0], at })
    at += found[0].length
  }
  tokens.push({ kind: 'end', text: '<EOF>', at: source.length })
  return tokens
}

function kindOf(text: string): Token['kind'] {
  if (/^[A-Za-z_]/.test(text)) return 'ident'
  if (!/^\.?\d/.test(text)) return 'symbol'
  if (/^0x/i.test(text)) return text.endsWith('u') ? 'uint' : 'int'
  if (/[.eE]/.test(text)) return 'double'
  return text.endsWith('u') ? 'uint' : 'int'
}

const escapes: Record<string, string> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

function contentOf(quoted: string, raw: boolean, source: string, at: number): string {
  const quotes = /^("""|''')/.test(quoted) ? 3 : 1
  const inner = quoted.slice(quotes, -quotes)
  if (raw) return inner
  return inner.replaceAll(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([\s\S]))/g,
    (_all, hex?: string, short?: string, long?: string, octal?: string, one?: string) => {
      const code = hex ?? short ?? long
      if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16))
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8))
      if (/["'`?\\]/.test(one!)) return one!
      const known = escapes[one!]
      if (known === undefined)
        throw new CelSyntaxError(source, at, `Syntax error: token recognition error at: '\\${one}'`)
      return known
    },
  )
}
