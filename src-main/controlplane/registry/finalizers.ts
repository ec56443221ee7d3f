import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import type { Strategy } from './strategy.ts'

/** Finalizers beside those of the metadata: a namespace's `spec.finalizers`, which its own subresource takes away. */
export function specFinalizers({ finalizerField }: Strategy, object: KubeObject): readonly string[] {
  if (finalizerField !== 'spec.finalizers') return []
  return (object['spec'] as { finalizers?: string[] } | undefined)?.finalizers ?? []
}

/** Deleted, its grace period over, and nothing holds it any more. */
export function isFinished(strategy: Strategy, object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata
  if (!deletionTimestamp || deletionGracePeriodSeconds > 0) return false
  return finalizers.length === 0 && specFinalizers(strategy, object).length === 0
}
