import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { isSame } from '../api/three-way.ts'

/** Bookkeeping of the server, which nobody writes. */
const kept = ['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp', 'selfLink'] as const

/** An object without what the server keeps itself. */
export function ownPart(object: KubeObject): KubeObject {
  const metadata: Record<string, unknown> = { ...object.metadata }
  for (const field of kept) delete metadata[field]
  const own: Record<string, unknown> = { ...object, metadata }
  delete own['status']
  return own as KubeObject
}

/** An object as if it were of another's revision: that one changed it is told by what it changed. */
export function atRevisionOf(object: KubeObject, other: KubeObject | undefined): KubeObject {
  const metadata = { ...object.metadata } as Record<string, unknown>
  for (const field of ['resourceVersion', 'generation'] as const)
    if (other && field in metadata) metadata[field] = (other.metadata as Record<string, unknown>)[field]
  return { ...object, metadata: metadata as KubeObject['metadata'] }
}

/** What people wrote, upon what the server keeps of an object. */
export function withOwnPart(theirs: KubeObject, own: KubeObject): KubeObject {
  const metadata: Record<string, unknown> = { ...own.metadata }
  const { metadata: held } = theirs
  for (const field of kept) if (field in held) metadata[field] = (held as Record<string, unknown>)[field]
  const merged = { ...own, metadata: metadata as KubeObject['metadata'] }
  return isSame(theirs['status'], undefined) ? merged : { ...merged, status: theirs['status'] }
}
