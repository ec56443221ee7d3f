import type { PatchType } from '../../../src-kube/client/transport.ts'
import { badRequest, unsupportedMediaType } from '../../../src-kube/machinery/errors.ts'
import { formatApiVersion } from '../../../src-kube/machinery/gvk.ts'
import { unbound, type KubeObject } from '../../../src-kube/machinery/meta.ts'
import { jsonPatch } from '../../../src-kube/machinery/patch/json.ts'
import { GO_MAP, malformed } from '../../../src-kube/machinery/patch/malformed.ts'
import { mergePatch } from '../../../src-kube/machinery/patch/merge.ts'
import { strategicMergePatch } from '../../../src-kube/machinery/patch/strategic.ts'
import { findSchema } from '../../../src-kube/machinery/schema/index.ts'
import type { Target } from './registry.ts'

/** The patches that say what to change; an apply says what to own (apply.ts). */
export type MergingPatch = Exclude<PatchType, 'application/apply-patch+yaml'>

const UNKNOWN_FORMAT = 'the body of the request was in an unknown format - accepted media types include: '
/** What a custom resource can be patched with: its lists have no keys that a strategic merge could go by. */
const customPatches: readonly PatchType[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/apply-patch+yaml',
]

/**
 * Applies a patch to an object of the asked version; pure. The result carries a resourceVersion only when the patch itself does:
 * then it must be the stored one, else the patch is tried again on whatever is there.
 */
export function applyPatch(target: Target, type: MergingPatch, patch: unknown, current: KubeObject): unknown {
  const patched = patchAs(target, type, patch, current)
  if (typeof patched !== 'object' || patched === null || Array.isArray(patched))
    throw badRequest('the patched object is no object')
  const result = patched as KubeObject
  if (!setsRevision(type, patch)) result.metadata = unbound(result.metadata)
  return result
}

function patchAs({ descriptor, served }: Target, type: MergingPatch, patch: unknown, current: KubeObject): unknown {
  switch (type) {
    case 'application/json-patch+json':
      return jsonPatch(current, patch)
    case 'application/merge-patch+json':
      if (typeof patch !== 'object' || patch === null || Array.isArray(patch))
        throw badRequest(patch === null ? 'Invalid JSON Patch' : `error decoding patch: ${malformed(patch, GO_MAP)}`)
      return mergePatch(current, patch)
    case 'application/strategic-merge-patch+json': {
      const schema = served.custom
        ? undefined
        : findSchema(formatApiVersion(served.group, served.version), descriptor.kind)
      if (!schema) throw unsupportedMediaType(`${UNKNOWN_FORMAT}${customPatches.join(', ')}`)
      return strategicMergePatch(current, patch, schema)
    }
  }
}

function setsRevision(type: MergingPatch, patch: unknown): boolean {
  if (type === 'application/json-patch+json')
    return ((patch ?? []) as Array<{ path?: string } | null>).some((op) => op?.path === '/metadata/resourceVersion')
  return Boolean((patch as { metadata?: { resourceVersion?: string } } | null)?.metadata?.resourceVersion)
}
