import type { NodeInfo } from '../framework/node-info.ts'
import type { Plugin } from '../framework/plugin.ts'
import type { Requests } from '../framework/requests.ts'

/** Likes nodes on which cpu and memory would be used to the same degree. */
export const nodeResourcesBalancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  preScore({ requests }) {
    if (requests.milliCpu === 0 && requests.memory === 0) return undefined
    return { score: (node) => balance(requests, node) }
  },
}

function balance(requests: Requests, node: NodeInfo): number {
  if (node.allocatableCpu === 0 || node.allocatableMemory === 0) return 100
  const cpu = Math.min(1, (node.cpu + requests.milliCpu) / node.allocatableCpu)
  const memory = Math.min(1, (node.memory + requests.memory) / node.allocatableMemory)
  return Math.floor((1 - Math.abs(cpu - memory) / 2) * 100)
}
