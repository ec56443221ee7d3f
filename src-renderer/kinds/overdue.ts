import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { Health } from './health.ts'
import { textAt } from './view.ts'

/** Milliseconds that a kubelet may need to tell of the end of a pod whose grace period is over. */
const patience = 15_000

/**
 * A pod whose grace period is over and that still stands there: its deletionTimestamp is when it was to be gone, and only its kubelet says that it
 * is (kubernetes.io, "Pod Lifecycle: Termination of Pods"). Undefined for others, and for one that somebody's finalizers hold.
 *
 * @param now milliseconds since the epoch
 */
export function overdue(pod: KubeObject, now: number): Pick<Health, 'hint' | 'about'> | undefined {
  const { deletionTimestamp, finalizers = [] } = pod.metadata
  const node = textAt(pod, 'spec', 'nodeName')
  if (!deletionTimestamp || finalizers.length > 0 || !node) return undefined
  return now > Date.parse(deletionTimestamp) + patience ? { hint: 'overdue', about: { node } } : undefined
}
