import type { Node, Pod } from '#types/core/v1'
import { NodeInfo } from '../framework/node-info.ts'
import { hasLabels, matchesNodeSelector, matchesTerm, namedNodes } from '../framework/node-selector.ts'
import { scaleToHundred } from '../framework/normalize.ts'
import type { Failure, Plugin } from '../framework/plugin.ts'

const failure: Failure = { reasons: ["node(s) didn't match Pod's node affinity/selector"], unresolvable: true }

/** Whether `nodeSelector` and the required node affinity let a pod on a node. */
export function matchesNodeAffinity(pod: Pod, node: NodeInfo): boolean {
  const { nodeSelector, affinity } = pod.spec
  if (nodeSelector && !hasLabels(node, nodeSelector)) return false
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return !required || matchesNodeSelector(required, node)
}

/** `nodeSelector` and node affinity (kubernetes.io, "Assigning Pods to Nodes"). */
export const nodeAffinity: Plugin = {
  name: 'NodeAffinity',
  weight: 2,
  preFilter({ pod }) {
    const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
    if (!required && !pod.spec.nodeSelector) return undefined
    const only = required && namedNodes(required)
    if (only?.size === 0) return { rejected: 'pod affinity terms conflict' }
    return {
      only,
      check: (node) => (matchesNodeAffinity(pod, node) ? undefined : failure),
    }
  },
  preScore({ pod }) {
    const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution
    if (!preferred?.length) return undefined
    return {
      score(node) {
        let sum = 0
        for (const { weight, preference } of preferred) if (matchesTerm(preference, node)) sum += weight
        return sum
      },
      normalize: scaleToHundred,
    }
  },
  mayHelp(event, { pod }) {
    if (event.resource !== 'node') return false
    return fits(pod, event.node) && (!event.old || !fits(pod, event.old))
  },
}

function fits(pod: Pod, node: Node): boolean {
  const info = new NodeInfo(node.metadata.name)
  info.setNode(node)
  return matchesNodeAffinity(pod, info)
}
