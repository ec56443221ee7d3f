import { ref, shallowRef } from 'vue'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import type { ClusterTask } from '../../../src-wire/gateway/clusters.ts'
import type { ReleaseTask } from '../../../src-wire/gateway/helm.ts'
import type { ClusterSummary } from '../../../src-wire/gateway/messages.ts'
import type { Connection } from '../../api/connection.ts'

/** A connection whose actions a test answers. */
export function fakeConnection(answer: (action: string, input: never) => unknown) {
  const asked: Array<[string, unknown]> = []
  const connection = {
    state: ref('open' as const),
    clusters: shallowRef<readonly ClusterSummary[]>([]),
    canCreate: ref(true),
    tasks: shallowRef<readonly ClusterTask[]>([]),
    releaseTasks: shallowRef<readonly ReleaseTask[]>([]),
    onOpen: () => () => undefined,
    action: async (_cluster: string, action: string, input: unknown) => {
      asked.push([action, input])
      return answer(action, input as never)
    },
  }
  return {
    connection: partial<Connection>(connection),
    asked,
    tasks: connection.tasks,
    releaseTasks: connection.releaseTasks,
  }
}

export const taskOf = (over: Partial<ClusterTask> = {}): ClusterTask => ({
  id: 1,
  cluster: 'lab',
  verb: 'create',
  state: 'running',
  canCancel: true,
  steps: [
    { title: 'Node image', state: 'done', begun: 0, took: 1234, log: ['step 1/2', 'step 2/2'] },
    { title: 'Nodes Ready', state: 'running', begun: 0, log: [] },
    { title: 'Rest', state: 'pending', log: [] },
  ],
  ...over,
})
