/** What a text that people wrote must not hold to stand in a configuration at all. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/

/** Whether {@link quote} can carry a text: one without control characters, which nothing that Ingresses name has a use for. */
export const isQuotable = (text: string): boolean => !CONTROL.test(text)

/**
 * One argument of a directive, whatever it holds: in quotes, where only quotes and backslashes mean something to nginx's reader. A dollar sign still
 * begins a variable where a directive takes them: see {@link literal}. Throws on control characters; ask {@link isQuotable} first.
 */
export function quote(text: string): string {
  if (!isQuotable(text)) throw new Error('a control character cannot be quoted')
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}

/** The variable that holds a dollar sign, which nginx cannot escape. The configuration defines it. */
export const DOLLAR = '$literal_dollar'

/** {@link quote} for arguments that take variables: every dollar sign stands for itself. */
export const literal = (text: string): string => quote(text.replaceAll('$', () => `\${${DOLLAR.slice(1)}}`))

/** A text as a regular expression that matches only it. */
export const escapeRegex = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
