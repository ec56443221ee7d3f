/** Plurals of kinds as people say them: `ConfigMap` → `Config Maps`. */
export function pluralOf(kind: string): string {
  const words = kind.replaceAll(/([a-z])([A-Z])/g, '$1 $2')
  if (/(s|x|sh|ch)$/.test(words)) return words.endsWith('points') ? words : `${words}es`
  return /[^aeiou]y$/.test(words) ? `${words.slice(0, -1)}ies` : `${words}s`
}
