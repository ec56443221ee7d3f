/** Whether shared objects are frozen: in tests, where a write to one is to be found. */
const FREEZING = typeof process !== 'undefined' && process.env['VITEST'] !== undefined

export function frozen<T>(value: T): T {
  return FREEZING ? deepFreeze(value) : value
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const item of Object.values(value)) deepFreeze(item)
  return value
}
