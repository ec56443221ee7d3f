/** The namespace that a page shows; undefined when it shows several, or all. */
export function chosenNamespace(query: unknown): string | undefined {
  const names = typeof query === 'string' ? query.split(',').filter((name) => name !== '') : []
  return names.length === 1 ? names[0] : undefined
}
