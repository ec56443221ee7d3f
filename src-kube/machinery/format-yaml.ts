/** Names, paths and images, which most texts are: looked for first, since that is quick. */
const NAME = /^[A-Za-z/_][\w./+=@()-]*$/
/** Text that is itself in YAML: no reader of any version takes it for a number, a boolean, a time, null, a comment or a structure. */
const PLAIN = /^[A-Za-z/_](?:[!"$-9;-~]|:(?=\S)| (?=[^\s#])|(?<! )#)*$/
/** Quantities and ids: what begins with a digit and has a letter that no notation of numbers and times has. */
const COUNTED = /^(?!0[xXbo])\d(?=.*[a-df-np-su-wyA-DF-NP-SU-WY])[\dA-Za-z.-]*$/
/** Words that one version of YAML or another has a meaning for. */
const WORD = /^(?:true|false|null|yes|no|on|off|y|n)$/i
/** Lines that can stand as they are: nothing that does not print, no space at the end of a line, where people would not see it. */
const LINES = /^(?![\s])(?:[\t\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]|(?<![ \t])\n)*(?<![ \t])$/
/** What JSON leaves as it is, and YAML does not print. */
// oxlint-disable-next-line no-control-regex -- DEL and the C1 controls are meant
const UNPRINTED = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g
const STEP = '  '

/**
 * A value of JSON as YAML, as kubectl writes it: blocks, lists as deep as their key, text with several lines as such, text quoted where it
 * could be read as something else. Fields that are undefined are left out. Several times as fast as a library that has to know all of YAML: the
 * API server writes whole lists with it.
 */
export function formatYaml(value: unknown): string {
  if (isEmpty(value)) return `${scalar(value, '')}\n`
  return Array.isArray(value) ? items(value, '') : fields(value as object, '')
}

/** Lines of a map; the first one without its indentation, which is there already. */
function fields(value: object, indent: string): string {
  let text = ''
  for (const key in value) {
    const field = (value as Record<string, unknown>)[key]
    if (field === undefined) continue
    text += `${text === '' ? '' : indent}${quoted(key)}:`
    if (isEmpty(field)) text += ` ${scalar(field, indent)}\n`
    else if (Array.isArray(field)) text += `\n${indent}${items(field, indent)}`
    else text += `\n${indent}${STEP}${fields(field as object, indent + STEP)}`
  }
  return text
}

/** Lines of a list; the first one without its indentation. */
function items(value: readonly unknown[], indent: string): string {
  let text = ''
  const inner = indent + STEP
  for (const item of value) {
    text += text === '' ? '- ' : `${indent}- `
    if (isEmpty(item)) text += `${scalar(item, indent)}\n`
    else text += Array.isArray(item) ? items(item, inner) : fields(item as object, inner)
  }
  return text
}

/** Whether there is nothing below it: a scalar, or a list or map without anything. */
function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.length === 0
  for (const key in value) if ((value as Record<string, unknown>)[key] !== undefined) return false
  return true
}

/** What {@link isEmpty} holds of, as it stands behind its key or dash. `indent` is that of the key: the lines of a block are one step deeper. */
function scalar(value: unknown, indent: string): string {
  if (typeof value === 'string') return value.includes('\n') && LINES.test(value) ? lines(value, indent) : quoted(value)
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? '[]' : '{}'
  return JSON.stringify(value ?? null)
}

/** A text on one line, in quotes where it would be read as something else without. */
function quoted(text: string): string {
  // None of the words is longer than `false`: most names need not be held against them.
  if (NAME.test(text) ? text.length > 5 || !WORD.test(text) : PLAIN.test(text) || COUNTED.test(text)) return text
  return JSON.stringify(text).replace(UNPRINTED, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** A text of several lines as a literal block (YAML 1.2, "Literal Style"); lines without anything stay so. */
function lines(text: string, indent: string): string {
  const [end, body] = ending(text)
  const inner = indent + STEP
  return `|${end}\n${body.replace(/^(?=.)/gm, inner)}`
}

/** How the end of a block says what line ends the text has, and the text without its last one. */
function ending(text: string): [string, string] {
  if (!text.endsWith('\n')) return ['-', text]
  return [text.endsWith('\n\n') ? '+' : '', text.slice(0, -1)]
}
