import type { Node, Pod, PodSpec, Toleration } from '#types/core/v1'
import { equal } from '../equal.ts'
import { type Fit, fitsNode } from '../node/fit.ts'

const conditions = ['not-ready', 'unreachable']
const pressures = ['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable']

/** The node a daemon pod runs on or is meant for. */
export function nodeOf({ spec }: Pod): string {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  const field = terms?.[0]?.matchFields?.find(({ key }) => key === 'metadata.name')
  return spec.nodeName || field?.values?.[0] || ''
}

/** Whether a daemon's pod belongs on a node, by the template's own affinity: a term may name nodes. */
export function fitsDaemon(given: PodSpec | undefined, node: Node): Fit {
  const spec = given ?? { containers: [] }
  return fitsNode({ ...spec, tolerations: tolerationsOf(spec) }, node)
}

/** The template's spec pinned to one node, with the tolerations every daemon has. */
export function specFor(spec: PodSpec, node: string): PodSpec {
  const matchFields = [{ key: 'metadata.name', operator: 'In' as const, values: [node] }]
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const terms = required?.nodeSelectorTerms?.map((term) => ({ ...term, matchFields })) ?? [{ matchFields }]
  const nodeAffinity = {
    ...spec.affinity?.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms },
  }
  return { ...spec, affinity: { ...spec.affinity, nodeAffinity }, tolerations: tolerationsOf(spec) }
}

function tolerationsOf(spec: PodSpec): Toleration[] {
  const own = spec.tolerations ?? []
  const add = (name: string, effect: 'NoExecute' | 'NoSchedule'): Toleration => ({
    key: `node.kubernetes.io/${name}`,
    operator: 'Exists',
    effect,
  })
  const daemons = [
    ...conditions.map((name) => add(name, 'NoExecute')),
    ...pressures.map((name) => add(name, 'NoSchedule')),
    ...(spec.hostNetwork ? [add('network-unavailable', 'NoSchedule')] : []),
  ]
  const missing = daemons.filter((d) => !own.some((t) => equal(t, d)))
  return [...own, ...missing]
}
