import type { NodeSelectorTerm } from '#types/core/v1'

/** Labels of nodes that have other names by now. */
const oldLabels: Readonly<Record<string, readonly [since: string, use: string]>> = {
  'beta.kubernetes.io/arch': ['v1.14', 'kubernetes.io/arch'],
  'beta.kubernetes.io/os': ['v1.14', 'kubernetes.io/os'],
  'beta.kubernetes.io/instance-type': ['v1.17', 'node.kubernetes.io/instance-type'],
  'failure-domain.beta.kubernetes.io/region': ['v1.17', 'topology.kubernetes.io/region'],
  'failure-domain.beta.kubernetes.io/zone': ['v1.17', 'topology.kubernetes.io/zone'],
}

/** What to use instead of a label; nothing for one that is current. */
export function oldLabel(label: string): string | undefined {
  const found = Object.hasOwn(oldLabels, label) ? oldLabels[label] : undefined
  return found && `deprecated since ${found[0]}; use "${found[1]}" instead`
}

/** The same of what a term matches nodes by, with its path. */
export const oldLabelsOfTerm = ({ matchExpressions = [] }: NodeSelectorTerm, at: string): string[] =>
  matchExpressions.flatMap(({ key }, i) => {
    const words = oldLabel(key)
    return words ? [`${at}.matchExpressions[${i}].key: ${key} is ${words}`] : []
  })
