import type { KubeObject } from '../../machinery/meta.ts'
import type { ApiCall } from '../transport.ts'

type MergeKeys = Readonly<Record<string, string | undefined>>

const mergeKeys: MergeKeys = { conditions: 'type', ownerReferences: 'uid', containers: 'name' }

/** A merge patch, or just so much of a strategic one as controllers send: lists of conditions and owners by key, `$patch: delete`, finalizers as a set. */
export function mergeStrategically(target: KubeObject, call: ApiCall): KubeObject {
  const isStrategic = call.patchType === 'application/strategic-merge-patch+json'
  return merge(structuredClone(target), call.body, isStrategic ? mergeKeys : {}) as KubeObject
}

/** `keys`: by which field the items of a list are told apart; lists that are not in it are replaced. */
function merge(target: unknown, patch: unknown, keys: MergeKeys): unknown {
  if (!isRecord(patch)) return patch
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith('$')) continue
    const key = keys[name]
    if (value === null) delete result[name]
    else if (key && Array.isArray(value)) result[name] = mergeList(result[name], value, key)
    else result[name] = merge(result[name], value, keys)
  }
  const removed = patch['$deleteFromPrimitiveList/finalizers']
  if (Array.isArray(removed) && Array.isArray(result['finalizers']))
    result['finalizers'] = result['finalizers'].filter((f) => !removed.includes(f))
  return result
}

function mergeList(target: unknown, patch: unknown[], key: string): unknown[] {
  const result = Array.isArray(target) ? [...(target as Array<Record<string, unknown>>)] : []
  for (const item of patch as Array<Record<string, unknown>>) {
    const at = result.findIndex((other) => other[key] === item[key])
    if (item['$patch'] === 'delete') {
      if (at >= 0) result.splice(at, 1)
    } else if (at >= 0) result[at] = merge(result[at], item, mergeKeys) as Record<string, unknown>
    else result.push(item)
  }
  return result
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
