import type { NodeInfo } from '../framework/node-info.ts'
import type { Plugin } from '../framework/plugin.ts'
import type { Requests } from '../framework/requests.ts'

/**
 * Likes nodes on which cpu and memory come to be used to the same degree by the pod ("Scheduler Configuration:
 * NodeResourcesBalancedAllocation"): 75 where the pod changes nothing of it, 50 to 100 otherwise.
 */
export const nodeResourcesBalancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  preScore({ requests }) {
    if (requests.milliCpu === 0 && requests.memory === 0) return undefined
    return { score: (node) => gain(requests, node) }
  },
}

function gain(requests: Requests, node: NodeInfo): number {
  const after = balance(node, node.cpu + requests.milliCpu, node.memory + requests.memory)
  const before = balance(node, node.cpu, node.memory)
  return 50 + Math.floor((50 + after - before) / 2)
}

/** 100 where cpu and memory are used to the same degree, 50 where one is full and the other free. */
function balance({ allocatableCpu, allocatableMemory }: NodeInfo, cpu: number, memory: number): number {
  if (allocatableCpu === 0 || allocatableMemory === 0) return 100
  const [x, y] = [Math.min(1, cpu / allocatableCpu), Math.min(1, memory / allocatableMemory)]
  return Math.floor((1 - Math.abs(x - y) / 2) * 100)
}
