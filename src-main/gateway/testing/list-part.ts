/** The part of a list that `limit` and `continue` ask for; `continue` names the revision of the first part and where to go on. */
export function listPart<T>(items: readonly T[], query: URLSearchParams, revision: number) {
  const [first = String(revision), from = '0'] = query.get('continue')?.split(':') ?? []
  const end = Number(from) + (Number(query.get('limit')) || items.length)
  const rest = end < items.length ? { continue: `${first}:${end}` } : {}
  return { metadata: { resourceVersion: first, ...rest }, items: items.slice(Number(from), end) }
}
