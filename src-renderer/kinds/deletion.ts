import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { Health } from './health.ts'
import { listAt, textAt, type KindView } from './view.ts'

/** What is known of finalizers of Kubernetes' own: who waits for what. */
const holders: Readonly<Record<string, string>> = {
  'kubernetes.io/pvc-protection': 'heldClaim',
  'kubernetes.io/pv-protection': 'heldVolume',
  foregroundDeletion: 'heldDependents',
  'customresourcecleanup.apiextensions.k8s.io': 'heldObjects',
}

/**
 * How an object fares that is deleted and still there (kubernetes.io, "Finalizers"), whatever its kind; undefined for others. Pods say more of it
 * themselves.
 */
export function deletionHealth(object: KubeObject): Health | undefined {
  const { deletionTimestamp, finalizers = [] } = object.metadata
  if (!deletionTimestamp) return undefined
  const message = remainsOf(object)
  const known = finalizers.map((one) => holders[one]).find((hint) => hint !== undefined)
  return {
    level: 'progressing',
    reason: 'Terminating',
    ...(message ? { message } : {}),
    hint: known ?? (finalizers.length > 0 ? 'held' : 'terminating'),
    about: { finalizers: finalizers.join(', ') },
  }
}

/** What a namespace says of what is left in it. */
const remainsOf = (object: KubeObject): string =>
  listAt(object, 'status', 'conditions')
    .filter((one) => /^Namespace\w+(Remaining|Failure)$/.test(textAt(one, 'type')) && textAt(one, 'status') === 'True')
    .map((one) => textAt(one, 'message'))
    .join('\n')

/** How an object fares, also of a kind that tells nothing but that it is being deleted. */
export const healthOf = (view: KindView, object: KubeObject): Health | undefined =>
  view.health ? view.health(object) : deletionHealth(object)
