import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { bytesValue, milliValue } from '../../src-kube/machinery/quantity.ts'
import { usageOf, usedBy } from '../api/usage.ts'
import { memoryText } from './memory.ts'
import { textAt, type Meter, type ViewColumn } from './view.ts'

const parts = (...words: string[]): string => words.filter(Boolean).join(' / ')

/** Thousandths for people, as kubectl says them: `250m`, `1.5`. */
export const cpuText = (milli: number): string =>
  milli < 1000 ? `${milli}m` : String(Number((milli / 1000).toFixed(1)))

const cpuOf = (resource: 'nodes' | 'pods', object: KubeObject): string => {
  const used = usedBy(resource, object)
  return used ? cpuText(used.cpu) : ''
}
const memoryOf = (resource: 'nodes' | 'pods', object: KubeObject): string => {
  const used = usedBy(resource, object)
  return used ? memoryText(String(used.memory)) : ''
}

/** `350m / 4`: what a node uses of what it has for pods, or the latter alone while it is not measured. */
export const nodeCpu = (node: KubeObject): string =>
  parts(cpuOf('nodes', node), textAt(node, 'status', 'allocatable', 'cpu'))
export const nodeMemory = (node: KubeObject): string =>
  parts(memoryOf('nodes', node), memoryText(textAt(node, 'status', 'allocatable', 'memory')))

const trail = (resource: 'nodes' | 'pods', field: 'cpu' | 'memory'): Required<Pick<ViewColumn, 'trail'>> => ({
  trail: { field, of: (object) => usageOf(resource, object) },
})

export const nodeUsage: ViewColumn[] = [
  {
    id: 'cpu',
    width: 100,
    value: (node) => usedBy('nodes', node)?.cpu ?? -1,
    text: nodeCpu,
    ...trail('nodes', 'cpu'),
  },
  {
    id: 'memory',
    width: 160,
    value: (node) => usedBy('nodes', node)?.memory ?? -1,
    text: nodeMemory,
    ...trail('nodes', 'memory'),
  },
]

/** Pods that are not measured come before those that use nothing. */
export const podUsage: ViewColumn[] = [
  {
    id: 'cpu',
    width: 80,
    value: (pod) => usedBy('pods', pod)?.cpu ?? -1,
    text: (pod) => cpuOf('pods', pod),
    ...trail('pods', 'cpu'),
  },
  {
    id: 'memory',
    width: 96,
    value: (pod) => usedBy('pods', pod)?.memory ?? -1,
    text: (pod) => memoryOf('pods', pod),
    ...trail('pods', 'memory'),
  },
]

/** What a container of a pod uses of what it asked for and may have; nothing while it is not measured. */
export function metersOf(pod: KubeObject, container: unknown): Meter[] {
  const used = usedBy('pods', pod)?.containers?.get(textAt(container, 'name'))
  if (!used) return []
  const of = (part: 'requests' | 'limits', resource: 'cpu' | 'memory'): number | undefined => {
    const quantity = textAt(container, 'resources', part, resource)
    return quantity === '' ? undefined : resource === 'cpu' ? milliValue(quantity) : bytesValue(quantity)
  }
  return (['cpu', 'memory'] as const).map((label) => ({
    label,
    used: used[label],
    requests: of('requests', label),
    limits: of('limits', label),
    words: label === 'cpu' ? cpuText : (bytes) => memoryText(String(bytes)),
  }))
}
