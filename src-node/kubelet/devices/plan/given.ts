import type { Node } from '#types/core/v1'
import { bytesValue } from '../../../../src-kube/machinery/quantity.ts'
import { isExtendedResource } from './demands.ts'

/**
 * The node as pods are judged by it: of a resource whose devices were given away it has no less than that, whatever its plugin tells meanwhile.
 * `given` answers how many of a resource pods have. Pure.
 */
export function withGiven(node: Node, given: (resource: string) => number): Node {
  const { allocatable = {} } = node.status ?? {}
  const raised = Object.entries(allocatable as Record<string, string>).flatMap(([name, amount]) => {
    const most = isExtendedResource(name) ? given(name) : 0
    return most > bytesValue(amount) ? [[name, String(most)] as const] : []
  })
  if (raised.length === 0) return node
  return { ...node, status: { ...node.status, allocatable: { ...allocatable, ...Object.fromEntries(raised) } } }
}
