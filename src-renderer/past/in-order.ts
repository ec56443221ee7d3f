type Fields = Record<string, unknown>

const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** A value with its fields in the order in which another has them, so that a comparison of the two shows only what differs. */
export function inOrderOf(like: unknown, value: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(like)) return value.map((item, at) => inOrderOf(like[at], item))
  if (!isFields(value) || !isFields(like)) return value
  const names = [
    ...Object.keys(like).filter((name) => name in value),
    ...Object.keys(value).filter((name) => !(name in like)),
  ]
  return Object.fromEntries(names.map((name) => [name, inOrderOf(like[name], value[name])]))
}
