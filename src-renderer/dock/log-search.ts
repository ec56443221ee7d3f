/**
 * A line cut where the words sought stand, so that they can be marked; upper and lower case alike. Each letter is compared by itself: a text
 * made lower as a whole may be longer, and every place after that another.
 */
export function cutAt(text: string, sought: string): Array<{ text: string; hit: boolean }> {
  if (sought === '') return [{ text, hit: false }]
  const parts: Array<{ text: string; hit: boolean }> = []
  let from = 0
  const literally = new RegExp(sought.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`), 'giu')
  for (const { 0: hit, index } of text.matchAll(literally)) {
    if (index > from) parts.push({ text: text.slice(from, index), hit: false })
    parts.push({ text: hit, hit: true })
    from = index + hit.length
  }
  if (from < text.length) parts.push({ text: text.slice(from), hit: false })
  return parts
}
