import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { isQualifiedName } from '../../../src-kube/machinery/names.ts'

const standard = new Set(['orphan', 'foregroundDeletion'])
const ADVICE =
  'prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers'

/** Finalizers that a custom object did not have before and that have no path: of built-in kinds they are refused (kubernetes.io, "Finalizers"). */
export function warningsOfFinalizers({ metadata }: KubeObject, old?: KubeObject): string[] {
  if (!metadata.finalizers?.length) return []
  const added = new Set(metadata.finalizers)
  for (const name of old?.metadata.finalizers ?? []) added.delete(name)
  return [...added].sort().flatMap((name) => {
    const told = isQualifiedName(name)
    if (!name.includes('/') && !standard.has(name)) told.push(ADVICE)
    return told.map((words) => `metadata.finalizers: ${JSON.stringify(name)}: ${words}`)
  })
}
