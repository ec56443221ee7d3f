import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { usedBy } from '../api/usage.ts'
import { memoryText } from './memory.ts'
import { textAt, type ViewColumn } from './view.ts'

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

export const nodeUsage: ViewColumn[] = [
  { id: 'cpu', width: 90, value: (node) => usedBy('nodes', node)?.cpu ?? -1, text: nodeCpu },
  { id: 'memory', width: 140, value: (node) => usedBy('nodes', node)?.memory ?? -1, text: nodeMemory },
]

/** Pods that are not measured come before those that use nothing. */
export const podUsage: ViewColumn[] = [
  { id: 'cpu', width: 70, value: (pod) => usedBy('pods', pod)?.cpu ?? -1, text: (pod) => cpuOf('pods', pod) },
  { id: 'memory', width: 90, value: (pod) => usedBy('pods', pod)?.memory ?? -1, text: (pod) => memoryOf('pods', pod) },
]
