const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const QUALIFIED = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/

const tooLong = (most: number): string => `must be no more than ${most} characters`

const SUBDOMAIN_WORDS =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const LABEL_WORDS =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const LABEL_1035_WORDS =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
const QUALIFIED_WORDS =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const LABEL_VALUE_WORDS =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

function check(text: string, most: number, pattern: RegExp, words: string): string[] {
  return [...(text.length > most ? [tooLong(most)] : []), ...(pattern.test(text) ? [] : [words])]
}

/**
 * What is wrong with a name, in the API server's words; empty when nothing is (kubernetes.io, "Object Names and IDs"). Here and below, a name
 * that is missing from an object is an empty one.
 */
export const isDns1123Label = (text = ''): string[] =>
  check(text, 63, LABEL, SUBDOMAIN.test(text) ? 'must not contain dots' : LABEL_WORDS)
/**
 * RFC 1123 labels joined by dots, 253 characters: names of most objects. Like all here it answers what is wrong, in the words of
 * upstream; empty when nothing is.
 */
export const isDns1123Subdomain = (text = ''): string[] => check(text, 253, SUBDOMAIN, SUBDOMAIN_WORDS)
/** RFC 1035: begins with a letter, 63 characters; names of services. */
export const isDns1035Label = (text = ''): string[] => check(text, 63, LABEL_1035, LABEL_1035_WORDS)
/** 63 characters, empty allowed (kubernetes.io, "Labels and Selectors: Syntax and character set"). */
export const isLabelValue = (text = ''): string[] => check(text, 63, LABEL_VALUE, LABEL_VALUE_WORDS)

/** Keys of labels, annotations, resources: `[prefix/]name`. */
export function isQualifiedName(text = ''): string[] {
  const parts = text.split('/')
  if (parts.length > 2) {
    return [
      `a qualified name ${QUALIFIED_WORDS} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  const name = parts.at(-1)!
  const problems: string[] = []
  if (parts.length === 2) {
    if (parts[0] === '') problems.push('prefix part must be non-empty')
    else problems.push(...isDns1123Subdomain(parts[0]!).map((words) => `prefix part ${words}`))
  }
  if (name === '') problems.push('name part must be non-empty')
  else if (name.length > 63) problems.push(`name part ${tooLong(63)}`)
  if (!QUALIFIED.test(name)) problems.push(`name part ${QUALIFIED_WORDS}`)
  return problems
}

/** Names that become a segment of a path (RBAC). */
export function isPathSegment(text = ''): string[] {
  if (text === '.' || text === '..') return [`may not be '${text}'`]
  return ['/', '%'].filter((c) => text.includes(c)).map((c) => `may not contain '${c}'`)
}

/** No vowels and no look-alikes, so that no words come out. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'
const SUFFIX = 5
const MOST_BASE = 63 - SUFFIX

/** Letters and digits that spell no words, as after `generateName`. */
export function randomSuffix(length = SUFFIX): string {
  let suffix = ''
  for (let i = 0; i < length; i++) suffix += ALPHABET[Math.floor(Math.random() * ALPHABET.length)]
  return suffix
}

/** `metadata.generateName` with five random characters; a long base is cut so that the name stays a DNS label. */
export function generateName(base: string): string {
  return base.slice(0, MOST_BASE) + randomSuffix()
}
