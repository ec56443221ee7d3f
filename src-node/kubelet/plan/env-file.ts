/**
 * The variables of a file that containers take them from (kubernetes.io, "Define Environment Variable Values Using An Init Container";
 * KEP-3721): `NAME='value'` a line, where a value may go over several, taken as it is between its quotes. Blank lines and those that
 * begin with `#` count for nothing. Throws with the number of the line that is none of these.
 */
export function parseEnvFile(text: string): Map<string, string> {
  const found = new Map<string, string>()
  for (let at = 0; at < text.length;) {
    const blank = SKIPPED.exec(text.slice(at))?.[0] ?? ''
    at += blank.length
    if (at >= text.length) break
    const [whole, name, value] = ASSIGNED.exec(text.slice(at)) ?? []
    if (whole === undefined) throw new Error(`invalid environment variable format at line ${lineOf(text, at)}`)
    found.set(name!, value!)
    at += whole.length
  }
  return found
}

/** Lines that count for nothing, and what stands before the next word. */
const SKIPPED = /^(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*(?:#[^\n]*$)?/
/** Printable characters but `=` name it; after the value nothing but a remark may come. */
const ASSIGNED = /^([!-<>-~]+)='([^']*)'[ \t]*(?:#[^\n]*)?(?:\r?\n|$)/

const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length
