import { difference, isEmptySet, setOf, union } from '../../../src-kube/machinery/fields-v1/field-set.ts'
import { compare, fieldsOf } from '../../../src-kube/machinery/fields-v1/owned.ts'
import { shapeOfObject } from '../../../src-kube/machinery/fields-v1/shape.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import type { ApplyInput } from '../../../src-kube/machinery/patch/apply.ts'
import type { FieldConflict } from '../../../src-kube/machinery/patch/ownership.ts'

/**
 * What `kubectl apply` of the client's side leaves on objects, and how an apply of the server's side by the same kubectl goes on from it
 * (kubernetes.io, "Server-Side Apply", upgrading from and downgrading to client-side apply).
 */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
const KUBECTL = 'kubectl'
/** Bytes that all annotations of an object may have. */
const MOST_ANNOTATIONS = 262_144

/**
 * The conflicts that stand. A field that kubectl itself gave by a client-side apply before, as the annotation it left says, is its own as long as
 * the object still has that value: with no other conflict it takes it over. What somebody set to another value since is theirs.
 */
export function conflictsLeft(
  { current, writer, schema }: ApplyInput,
  conflicts: readonly FieldConflict[],
): readonly FieldConflict[] {
  const text = current?.metadata.annotations?.[LAST_APPLIED]
  if (writer.manager !== KUBECTL || !text) return conflicts
  const last = parsed(text)
  if (last === undefined || last.apiVersion !== schema.groupVersion) return conflicts
  const shape = shapeOfObject(schema)
  const { added, modified, removed } = compare(last, current, shape)
  const own = difference(fieldsOf(last, shape), union(union(added, modified), removed))
  return conflicts.filter(({ path }) => !isEmptySet(difference(setOf([path]), own)))
}

/**
 * The annotations with what kubectl applied now as the last, where an earlier apply left some: one of the client's side may follow. Too
 * long for an annotation it goes. Undefined when nothing changes.
 */
export function annotationsAfter(
  { current, applied, writer }: ApplyInput,
  object: KubeObject,
): Record<string, string> | undefined {
  const { [LAST_APPLIED]: last, ...others } = object.metadata.annotations ?? {}
  if (writer.manager !== KUBECTL || last === undefined || !current?.metadata.annotations?.[LAST_APPLIED])
    return undefined
  const { annotations: given, ...metadata } = applied.metadata
  const { [LAST_APPLIED]: _, ...rest } = given ?? {}
  const named = given === undefined || Object.keys(rest).length === 0 ? metadata : { ...metadata, annotations: rest }
  const text = `${JSON.stringify(inOrder({ ...applied, metadata: named }))}\n`
  const size = [...Object.entries(others).flat(), LAST_APPLIED, text].reduce((sum, part) => sum + byteLength(part), 0)
  return size > MOST_ANNOTATIONS ? others : { ...others, [LAST_APPLIED]: text }
}

const byteLength = (text: string): number => Buffer.byteLength(text)

/** Keys in order, as Go writes maps. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(fields.map(([name, field]) => [name, inOrder(field)]))
}

/** Undefined for an annotation that somebody broke. */
function parsed(text: string): { apiVersion?: unknown } | undefined {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
