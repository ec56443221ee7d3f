/** A line cut where the words sought stand, so that they can be marked; upper and lower case alike. */
export function cutAt(text: string, sought: string): Array<{ text: string; hit: boolean }> {
  if (sought === '') return [{ text, hit: false }]
  const lower = text.toLowerCase()
  const wanted = sought.toLowerCase()
  const parts: Array<{ text: string; hit: boolean }> = []
  let from = 0
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    if (at > from) parts.push({ text: text.slice(from, at), hit: false })
    parts.push({ text: text.slice(at, at + wanted.length), hit: true })
    from = at + wanted.length
  }
  if (from < text.length) parts.push({ text: text.slice(from), hit: false })
  return parts
}
