import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { FieldPath } from './three-way.ts'

/** Who wrote a field last, by `metadata.managedFields`. */
export interface FieldOwner {
  manager: string
  /** RFC 3339; undefined when the server did not note it. */
  time?: string | undefined
}

type Tree = Record<string, unknown>

/**
 * The owner of a field, or of what lies below it; of several the latest. Undefined when nobody is on record (kubernetes.io,
 * "Server-Side Apply", managers).
 */
export function ownerOf(object: KubeObject, path: FieldPath): FieldOwner | undefined {
  const owners = (object.metadata.managedFields ?? []).filter(({ fieldsV1 }) =>
    owns(fieldsV1 as Tree | undefined, path),
  )
  const last = owners.toSorted((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1))[0]
  return last?.manager ? { manager: last.manager, time: last.time } : undefined
}

function owns(fields: Tree | undefined, path: FieldPath): boolean {
  let tree: Tree | undefined = fields
  for (const step of path) {
    const next = tree && find(tree, step)
    // A leaf that is owned whole, such as a list that is one value.
    if (!next) return false
    if (Object.keys(next).length === 0) return true
    tree = next
  }
  return tree !== undefined
}

function find(tree: Tree, step: FieldPath[number]): Tree | undefined {
  if (typeof step === 'string') return tree[`f:${step}`] as Tree | undefined
  const key = Object.keys(tree).find(
    (one) => one.startsWith('k:') && (JSON.parse(one.slice(2)) as { name?: string }).name === step.name,
  )
  return key === undefined ? undefined : (tree[key] as Tree)
}
