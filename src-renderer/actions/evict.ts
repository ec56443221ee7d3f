import { StatusError } from '../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { sendEviction, wordsOf } from '../drain/evict.ts'
import { textAt } from '../kinds/view.ts'
import { toEach } from './each.ts'
import type { Action } from './index.ts'
import { onPods } from './needs.ts'

const hasEnded = (pod: KubeObject): boolean => ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase'))

/** Deletes a pod if its disruption budgets let it (kubernetes.io, "API-initiated Eviction"); a refusal names the budget. */
export const evictAction: Action = {
  id: 'evict',
  icon: 'drain',
  danger: true,
  inMenu: true,
  many: true,
  needs: onPods('create', 'eviction'),
  applies: (view, pod) => view.id === 'pods' && pod.metadata.deletionTimestamp === undefined && !hasEnded(pod),
  async run(world, _view, pods) {
    const { ui, cluster, t } = world
    const confirmed = await ui.ask({
      title: t('confirm.evict', { count: pods.length, name: pods[0]!.metadata.name }),
      items: pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
      body: t('confirm.evictBody', { count: pods.length }),
      verb: t('actions.evict'),
      danger: true,
    })
    if (confirmed === false) return
    await toEach(world, pods, (pod) => sendEviction(cluster.kube, pod).catch(rethrowRefusal))
  },
}

/** Why a budget refused: its causes say which, the message alone only that one did. */
function rethrowRefusal(error: unknown): never {
  throw error instanceof StatusError ? new Error(wordsOf(error), { cause: error }) : error
}
