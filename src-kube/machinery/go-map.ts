/** A JSON value as Go prints it: `map[spec:map[replicas:x]]`. */
export function goMap(value: unknown): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goMap).join(' ')}]`
  if (typeof value !== 'object') return String(value as string | number | boolean)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `map[${entries.map(([key, one]) => `${key}:${goMap(one)}`).join(' ')}]`
}

/** A JSON value as Go writes it in its own syntax (`%#v`): `map[string]interface {}{"a":1}`. */
export function goSyntax(value: unknown): string {
  if (value === null) return 'interface {}(nil)'
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  if (typeof value !== 'object') return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `map[string]interface {}{${entries.map(([key, one]) => `${JSON.stringify(key)}:${goSyntax(one)}`).join(', ')}}`
}
