import type { TestCluster } from './cluster.ts'
import { eventually } from './eventually.ts'

export interface PodItem {
  metadata: { name: string; labels?: Record<string, string>; uid: string }
  spec: { nodeName?: string }
  status: {
    podIP?: string
    phase: string
    conditions?: Array<{ type: string; status: string }>
    containerStatuses?: Array<{
      name: string
      containerID?: string
      restartCount: number
      state: { running?: { startedAt: string } }
    }>
  }
}

export interface List<T> {
  items: T[]
}

export interface NodeItem {
  metadata: { name: string }
  status: {
    conditions: Array<{ type: string; status: string; reason: string; message: string }>
    addresses: Array<{ type: string; address: string }>
  }
}

export const isReady = (pod: PodItem): boolean =>
  pod.status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false

/** What tests ask of a cluster again and again. */
export function queriesOf(cluster: TestCluster) {
  const pods = async (...args: string[]): Promise<PodItem[]> => {
    const found = await cluster.json<List<PodItem> | PodItem>('get', 'pods', ...args)
    return 'items' in found ? found.items : [found]
  }
  const readyPods = (count: number, ...args: string[]) =>
    eventually(
      `${count} ready pods of ${args.join(' ')}`,
      () => pods(...args),
      (list) => list.filter(isReady).length === count && list.length === count,
    )
  /** The status of a node's condition Ready. */
  const readyOf = async (node: string): Promise<string | undefined> => {
    const found = await cluster.json<NodeItem>('get', 'node', node)
    return found.status.conditions.find((condition) => condition.type === 'Ready')?.status
  }
  return { pods, readyPods, readyOf }
}
