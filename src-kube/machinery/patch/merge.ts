/** JSON Merge Patch (RFC 7386): null removes, objects merge, all else replaces. Pure. */
export function mergePatch(document: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const isObject = typeof document === 'object' && document !== null && !Array.isArray(document)
  const result: Record<string, unknown> = isObject ? { ...(document as Record<string, unknown>) } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = mergePatch(result[key], value)
  }
  return result
}
