/**
 * Keeps rows where they are while a pointer is over them: keys already shown keep their order, new ones follow, gone ones
 * leave.
 */
export function stableOrder(shown: readonly string[], sorted: readonly string[]): readonly string[] {
  if (shown.length === 0 || shown === sorted) return sorted
  const present = new Set(sorted)
  const kept = shown.filter((key) => present.has(key))
  const known = new Set(kept)
  return [...kept, ...sorted.filter((key) => !known.has(key))]
}
