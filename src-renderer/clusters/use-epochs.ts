import { reactive, watch, type Ref } from 'vue'
import type { ClusterTask } from '../../src-wire/gateway/clusters.ts'
import { forgetLists } from '../api/use-watch-list.ts'

const renews = (task: ClusterTask): boolean =>
  task.verb === 'reset' || task.verb === 'restore' || task.verb === 'delete'

/**
 * Counts how often the state of each cluster was replaced: what was known of it before, down to the revisions, says nothing of it any
 * more, so that whatever shows it is made anew.
 */
export function useEpochs(tasks: Readonly<Ref<readonly ClusterTask[]>>): { epochOf(cluster: string): number } {
  const epochs = reactive<Record<string, number>>({})
  watch(tasks, (now, before) => {
    for (const task of before.filter(renews)) {
      const left = now.find(({ id }) => id === task.id)
      if (task.state === 'failed' || (left && left.state !== 'failed')) continue
      forgetLists(task.cluster)
      epochs[task.cluster] = (epochs[task.cluster] ?? 0) + 1
    }
  })
  return { epochOf: (cluster) => epochs[cluster] ?? 0 }
}
