/**
 * The value of a field that the API server named: `.spec.containers[name="main"].image`, `.data.a.b`, `[="x"]` for members of
 * sets. Names may hold dots, so they are matched against what is there, the longest first. Undefined when it is not there.
 */
export function valueAt(value: unknown, path: string): unknown {
  if (path === '') return value
  if (value === null || typeof value !== 'object') return undefined
  if (path.startsWith('[')) {
    const end = path.indexOf(']')
    return Array.isArray(value) ? valueAt(itemOf(value, path.slice(1, end)), path.slice(end + 1)) : undefined
  }
  const name = Object.keys(value)
    .filter((one) => path.startsWith(`.${one}`) && /^($|[.[])/.test(path.slice(one.length + 1)))
    .sort((a, b) => b.length - a.length)[0]
  return name === undefined ? undefined : valueAt((value as Record<string, unknown>)[name], path.slice(name.length + 1))
}

function itemOf(list: readonly unknown[], selector: string): unknown {
  if (/^\d+$/.test(selector)) return list[Number(selector)]
  if (selector.startsWith('=')) return list.find((item) => JSON.stringify(item) === selector.slice(1))
  const keys = selector.split(',').map((pair) => pair.split('=') as [string, string])
  return list.find((item) =>
    keys.every(([name, wanted]) => JSON.stringify((item as Record<string, unknown>)[name]) === wanted),
  )
}
