import type { Pod, PodCondition, PodStatus } from '#types/core/v1'
import { refs } from '../../src-kube/client/refs.ts'
import type { Client } from '../../src-kube/client/typed-client.ts'
import { isConflict, isNotFound } from '../../src-kube/machinery/errors.ts'
import { resizeConditions } from './plan/allocated.ts'

/** Writes a pod's status as its node sees it; false when the pod is gone or another write must come first. */
export async function sendStatus(client: Client, pod: Pod, status: PodStatus): Promise<boolean> {
  const { name, namespace, uid } = pod.metadata
  // Conditions merge by their type, those of others stay; addresses replace those of an earlier sandbox.
  const podIPs = status.podIPs ? { podIPs: [{ $patch: 'replace' }, ...status.podIPs] } : {}
  // Those that are there only while there is something to tell go when it is over.
  const told = (conditions: PodStatus['conditions'], type: string) => conditions?.some((one) => one.type === type)
  const over = resizeConditions.filter((type) => told(pod.status?.conditions, type) && !told(status.conditions, type))
  const conditions = [...(status.conditions ?? []).map(whole), ...over.map((type) => ({ $patch: 'delete', type }))]
  const merged = conditions.length > 0 ? { conditions, '$setElementOrder/conditions': orderOf(pod, status) } : {}
  const body = { metadata: { uid }, status: { ...status, ...podIPs, ...merged } }
  try {
    await client
      .resource(refs.pods)
      .patch({ name, namespace, subresource: 'status', type: 'application/strategic-merge-patch+json', body })
    return true
  } catch (error) {
    if (isNotFound(error) || isConflict(error)) return false
    throw error
  }
}

/** Why a condition was false is not why it is true: what a condition no longer says is taken from the stored one. */
const whole = (condition: PodCondition) => ({ reason: null, message: null, ...condition })

/** Conditions of other writers come first, then the node's own in its order: readers see them in the order in which they are stored. */
function orderOf(pod: Pod, { conditions = [] }: PodStatus): Array<{ type: string }> {
  const own = conditions.map(({ type }) => type)
  const others = (pod.status?.conditions ?? []).map(({ type }) => type).filter((type) => !own.includes(type))
  return [...others, ...own].map((type) => ({ type }))
}

/** Removes the object of a pod that has ended, unless another has its name by now. */
export async function deletePod(client: Client, pod: Pod): Promise<void> {
  const { name, namespace, uid } = pod.metadata
  try {
    await client.resource(refs.pods).delete(name, namespace, { gracePeriodSeconds: 0, preconditions: { uid } })
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error
  }
}
