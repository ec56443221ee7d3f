/**
 * The gateway says what happened in English sentences: terminals and logs show the same, and some come through several processes as text. Here they
 * are recognised by their form and said in another language; what is not known, as the words of helm or of Docker, stays as it was said.
 */

/** Letters of the longest text that is looked at: a program's whole output is none of our sentences. */
const longest = 2000
const place = /\{(\w+)\}/g

interface Form {
  /** The sentence alone. */
  whole: RegExp
  /**
   * The sentence, and behind white space what follows it: what stands in its places is as short as it can be, and then as long. None of a piece, which
   * fills a sentence or a line of a log and means something else where it goes on.
   */
  first: readonly RegExp[]
  words: string
}

/** What has come of the parts of one text: each is looked at once, though many forms leave the same part over. */
type Looked = Map<string, string | undefined>

/** A translator for sentences with places, `Cluster {name} is stopped.`; one or several of them, one behind the other. Pure. */
export function createSentences(table: Readonly<Record<string, string>>): (text: string) => string {
  // The more a form says by itself, the sooner it is meant.
  const forms = Object.entries(table)
    .sort(([a], [b]) => ownLetters(b) - ownLetters(a))
    .map(([sentence, words]): Form => {
      const first = (isPiece(sentence) ? [] : ['*?', '*']).map(
        (size) => new RegExp(`^${sourceOf(sentence, size)}\\s+(?<following>[^]+)$`),
      )
      return { whole: new RegExp(`^${sourceOf(sentence, '*?')}$`), first, words }
    })

  /** Undefined unless all of it is known. */
  function known(text: string, looked: Looked): string | undefined {
    if (!looked.has(text)) looked.set(text, lookUp(text, looked))
    return looked.get(text)
  }

  function lookUp(text: string, looked: Looked): string | undefined {
    for (const { first, words } of forms) {
      for (const form of first) {
        const places = form.exec(text)?.groups
        const following = places && known(places['following']!, looked)
        if (following !== undefined) return filled(words, places!, looked) + following
      }
    }
    const form = forms.find(({ whole }) => whole.test(text))
    return form && filled(form.words, form.whole.exec(text)!.groups ?? {}, looked)
  }

  /** What stands in a place may be a sentence too: why something else failed. */
  const filled = (words: string, places: Record<string, string>, looked: Looked): string =>
    words.replace(place, (_, name: string) => known(places[name]!, looked) ?? places[name]!)

  return (text) => {
    if (text.length > longest) return text
    const looked: Looked = new Map()
    const said = known(text, looked)
    if (said !== undefined) return said
    const form = forms.find(({ first }) => first[0]?.test(text))
    if (!form) return text
    const places = form.first[0]!.exec(text)!.groups!
    return `${filled(form.words, places, looked)} ${places['following']}`
  }
}

/** `{node} is Ready`: neither its begin nor its end is that of a sentence. */
const isPiece = (text: string): boolean => /^[a-z{].*[^.:]$/.test(text)

const ownLetters = (sentence: string): number => sentence.replace(place, '').length

function sourceOf(sentence: string, size: string): string {
  const named = new Set<string>()
  return sentence
    .split(/(\{\w+\})/)
    .map((part) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1]
      if (name === undefined) return part.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')
      // A place that is named again holds the same.
      if (named.has(name)) return `\\k<${name}>`
      named.add(name)
      return `(?<${name}>[^]${size})`
    })
    .join('')
}
