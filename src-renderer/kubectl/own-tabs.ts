/** What of kubectl needs a terminal or an editor, and what the app has for it. Pure. */

/** Something that is not left to kubectl. */
export type Diversion =
  | { kind: 'edit'; objects: Array<{ type: string; name: string }>; namespace?: string }
  | { kind: 'shell'; pod: string; container?: string; namespace?: string; program: readonly string[]; attach: boolean }
  | { kind: 'namespace'; name: string }
  /** There is nothing for it: the words `kubectl.instead.<why>` say what to do. */
  | { kind: 'told'; why: 'run' | 'exec' | 'edit' | 'editor' }

/** Short flags that take a value, among those of these verbs. */
const valued = 'cflnosv'
/** Long flags that take none; of all others the next word is the value. */
const switches =
  /^(stdin|tty|quiet|help|current|rm|attach|command|expose|privileged|leave-stdin-open|record|output-patch|show-managed-fields|windows-line-endings|save-config|edit|share-processes|keep-\w+|insecure-skip-tls-verify|warnings-as-errors|overwrite|all|all-namespaces|recursive)$/

interface Parsed {
  /** The last value of each; those without one are `true`. */
  flags: Record<string, string | undefined>
  words: string[]
  /** What follows `--`; undefined without one. */
  after?: string[]
}

function parse(words: readonly string[]): Parsed {
  const end = words.indexOf('--')
  const parsed: Parsed = { flags: {}, words: [], ...(end < 0 ? {} : { after: words.slice(end + 1) }) }
  const own = end < 0 ? [...words] : words.slice(0, end)
  while (own.length > 0) take(parsed, own.shift()!, own)
  return parsed
}

function take({ flags, words }: Parsed, word: string, rest: string[]): void {
  const long = /^--([\w-]+)(?:=([^]*))?$/.exec(word)
  if (long) flags[long[1]!] = long[2] ?? (switches.test(long[1]!) ? 'true' : rest.shift())
  else if (!/^-\w/.test(word)) words.push(word)
  else {
    const at = Array.from(word).findIndex((letter, i) => i > 0 && valued.includes(letter))
    for (const letter of word.slice(1, at < 0 ? undefined : at)) flags[letter] = 'true'
    if (at > 0) flags[word[at]!] = word.slice(at + 1).replace(/^=/, '') || rest.shift()
  }
}

/** Undefined for what kubectl does well enough without a terminal. */
export function diversionOf(words: readonly string[]): Diversion | undefined {
  const parsed = parse(words)
  const { flags } = parsed
  const [verb, ...rest] = parsed.words
  if (flags['help'] === 'true' || flags['h'] === 'true') return undefined
  const hasTerminal = isOn(flags['tty'] ?? flags['t'])
  if (verb === 'edit') return edit(parsed, rest)
  if ((verb === 'exec' || verb === 'attach') && hasTerminal) return shell(verb, parsed, rest)
  if ((verb === 'run' || verb === 'debug') && hasTerminal) return { kind: 'told', why: 'run' }
  if ((verb === 'create' && isOn(flags['edit'])) || rest[0] === 'edit-last-applied')
    return { kind: 'told', why: 'editor' }
  const name = flags['namespace'] ?? flags['n']
  if (verb === 'config' && rest[0] === 'set-context' && isOn(flags['current']) && name)
    return { kind: 'namespace', name }
  return undefined
}

const isOn = (value: string | undefined): boolean => value === 'true'

function edit({ flags }: Parsed, [first, ...names]: readonly string[]): Diversion {
  const isPlain = Object.keys(flags).every((flag) => /^(n|namespace)$/.test(flag))
  if (!first || !isPlain) return { kind: 'told', why: 'edit' }
  const all = first.includes('/') ? [first, ...names] : names.map((name) => `${first}/${name}`)
  const objects = all.map((one) => ({ type: one.slice(0, one.indexOf('/')), name: one.slice(one.indexOf('/') + 1) }))
  if (objects.length === 0 || objects.some(({ type, name }) => type === '' || name === ''))
    return { kind: 'told', why: 'edit' }
  return { kind: 'edit', objects, ...namespaceOf(flags) }
}

function shell(verb: 'exec' | 'attach', { flags, after }: Parsed, words: readonly string[]): Diversion | undefined {
  const pod = /^(?:(?:po|pods?)\/)?([^/]+)$/.exec(words[0] ?? '')?.[1]
  const container = flags['container'] ?? flags['c']
  if (words.length > 1) return undefined
  if (!pod || flags['filename'] !== undefined || flags['f'] !== undefined) return { kind: 'told', why: 'exec' }
  return {
    kind: 'shell',
    pod,
    program: after ?? [],
    attach: verb === 'attach',
    ...(container ? { container } : {}),
    ...namespaceOf(flags),
  }
}

function namespaceOf(flags: Parsed['flags']): { namespace?: string } {
  const namespace = flags['namespace'] ?? flags['n']
  return namespace ? { namespace } : {}
}
