/** Values that were frozen to their leaves. */
const frozen = new WeakSet<object>()

/** Freezes a JSON value to its leaves, in place: a write to it throws from then on. What is frozen already is not looked into. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const item of Object.values(value)) deepFreeze(item)
  frozen.add(value)
  return value
}

/**
 * Runs a check on a part that many objects may share. Of one that is frozen to its leaves and in which nothing was found it is not run again.
 *
 * @param found what it has to say; nothing is said of a part that is sound
 */
export function checkShared<T extends object, Found>(sound: WeakSet<T>, part: T, found: () => Found[]): Found[] {
  if (sound.has(part)) return []
  const said = found()
  if (said.length === 0 && frozen.has(part)) sound.add(part)
  return said
}
