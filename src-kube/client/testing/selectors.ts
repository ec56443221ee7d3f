import type { KubeObject } from '../../machinery/meta.ts'

/** Whether an object is in the namespace and under the selectors of a list or watch; equality and set requirements without spaces in values. */
export function matchesSelectors(
  object: KubeObject,
  call: { namespace?: string | undefined; query?: Record<string, string> | undefined },
): boolean {
  if (call.namespace && object.metadata.namespace !== call.namespace) return false
  const labels = object.metadata.labels ?? {}
  return (
    split(call.query?.['labelSelector']).every((term) => holds(term, (key) => labels[key])) &&
    split(call.query?.['fieldSelector']).every((term) => holds(term, (path) => at(object, path)))
  )
}

function split(text: string | undefined): string[] {
  return text ? text.split(/,(?![^(]*\))/).map((term) => term.trim()) : []
}

function holds(term: string, get: (key: string) => string | undefined): boolean {
  const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(term)
  if (set) {
    const value = get(set[1]!)
    const among = value !== undefined && set[3]!.split(',').some((v) => v.trim() === value)
    return set[2] === 'in' ? among : !among
  }
  const pair = /^([^!=]+)(==|=|!=)(.*)$/.exec(term)
  if (!pair) return term.startsWith('!') ? get(term.slice(1)) === undefined : get(term) !== undefined
  const equal = (get(pair[1]!) ?? '') === pair[3]
  return pair[2] === '!=' ? !equal : equal
}

function at(object: unknown, path: string): string | undefined {
  let value = object
  for (const name of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[name]
  return value === undefined ? undefined : JSON.stringify(value).replaceAll('"', '')
}
