type Labels = Readonly<Record<string, string>> | undefined

/** Whether two sets of labels are the same; absent is empty. */
export function labelsEqual(a: Labels, b: Labels): boolean {
  if (a === b) return true
  const [x, y] = [a ?? {}, b ?? {}]
  const keys = Object.keys(x)
  return keys.length === Object.keys(y).length && keys.every((key) => x[key] === y[key])
}
