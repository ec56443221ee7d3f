/** Agents behind which somebody reads the answer. */
const READ_BY_PEOPLE = /^(?:curl|Wget|Mozilla\/5\.0)/
const trueWords = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])

/**
 * Whether JSON is indented: as the query `pretty` says, and when it says nothing, for agents that show answers to people (kubernetes.io,
 * API reference, "Common Parameters"; reference: apiserver's negotiation).
 */
export function wantsPretty(query: URLSearchParams, userAgent: string | undefined): boolean {
  const asked = query.size === 0 ? '' : query.get('pretty')
  if (asked) return trueWords.has(asked)
  return userAgent !== undefined && READ_BY_PEOPLE.test(userAgent)
}
