/** What a terminal reports of its keys, as what they are for. Pure. */

const names = {
  '\r': 'enter',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\t': 'tab',
  '\x1b[A': 'up',
  '\x1bOA': 'up',
  '\x10': 'up',
  '\x1b[B': 'down',
  '\x1bOB': 'down',
  '\x0e': 'down',
  '\x1b[C': 'right',
  '\x1bOC': 'right',
  '\x06': 'right',
  '\x1b[D': 'left',
  '\x1bOD': 'left',
  '\x02': 'left',
  '\x1b[H': 'home',
  '\x1bOH': 'home',
  '\x1b[1~': 'home',
  '\x01': 'home',
  '\x1b[F': 'end',
  '\x1bOF': 'end',
  '\x1b[4~': 'end',
  '\x05': 'end',
  '\x1b[3~': 'delete',
  '\x1b[1;5C': 'wordRight',
  '\x1b[1;3C': 'wordRight',
  '\x1bf': 'wordRight',
  '\x1b[1;5D': 'wordLeft',
  '\x1b[1;3D': 'wordLeft',
  '\x1bb': 'wordLeft',
  '\x1bd': 'cutWordRight',
  '\x1b[3;5~': 'cutWordRight',
  '\x17': 'cutWord',
  '\x1b\x7f': 'cutWordLeft',
  '\x0b': 'cutToEnd',
  '\x15': 'cutToBegin',
  '\x19': 'yank',
  '\x12': 'search',
  '\x07': 'cancel',
  '\x1b': 'cancel',
  '\x03': 'interrupt',
  '\x04': 'endOfInput',
  '\f': 'clear',
} as const

/** Keys that a console does something with besides writing what they stand for. */
export type KeyName = (typeof names)[keyof typeof names]
/** A key that does something, or text that is typed or pasted. */
export type Key = { name: KeyName } | { text: string }

/** What begins with a control character: {@link keysOf} looks at it where that is Escape. */
const pasted = /\p{Cc}\[200~([^]*?)\p{Cc}\[201~/uy
const sequence = /\p{Cc}(?:\[[\d;]*[A-Za-z~]|O[A-Z]|[a-z]|\p{Cc})?/uy
const plain = /\P{Cc}+/uy

/** Sequences that mean nothing here are left out. */
export function keysOf(data: string): Key[] {
  const keys: Key[] = []
  let at = 0
  const match = (form: RegExp): RegExpExecArray | null => {
    form.lastIndex = at
    const found = form.exec(data)
    if (found) at = form.lastIndex
    return found
  }
  while (at < data.length) {
    const isEscape = data[at] === '\x1b'
    const paste = isEscape ? match(pasted) : null
    const text = paste ? paste[1]!.replaceAll(/\r\n?/g, '\n') : match(plain)?.[0]
    const name = text === undefined ? ((isEscape ? match(sequence)?.[0] : undefined) ?? data[at++]!) : undefined
    if (text !== undefined) keys.push({ text: text.replaceAll(/[^\P{Cc}\n\t]/gu, '') })
    else if (name! in names) keys.push({ name: names[name as keyof typeof names] })
  }
  return keys
}
