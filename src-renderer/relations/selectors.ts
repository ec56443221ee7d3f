/** Pods that objects choose by labels (kubernetes.io, "Labels and Selectors"). Pure. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { at, listAt, textAt } from '../kinds/view.ts'

export interface PodSelector {
  /** A pair that every chosen pod has; undefined when only expressions choose. */
  pair: readonly [key: string, value: string] | undefined
  matches(labels: Readonly<Record<string, string>>): boolean
}

const fields: Record<string, { path: readonly string[]; plain?: boolean }> = {
  services: { path: ['spec', 'selector'], plain: true },
  'poddisruptionbudgets.policy': { path: ['spec', 'selector'] },
  'networkpolicies.networking.k8s.io': { path: ['spec', 'podSelector'] },
}

/** How an object chooses pods; undefined when it does not. A selector that says nothing chooses no pods here: it would be all of them. */
export function podSelectorOf(view: string, object: KubeObject): PodSelector | undefined {
  const field = fields[view]
  const selector = field && at(object, ...field.path)
  if (!selector) return undefined
  const pairs = Object.entries((field.plain ? selector : (at(selector, 'matchLabels') ?? {})) as Record<string, string>)
  const expressions = field.plain ? [] : listAt(selector, 'matchExpressions')
  if (pairs.length === 0 && expressions.length === 0) return undefined
  return {
    pair: pairs[0],
    matches: (labels) =>
      pairs.every(([key, value]) => labels[key] === value) && expressions.every((one) => holds(one, labels)),
  }
}

function holds(expression: unknown, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[textAt(expression, 'key')]
  const values = listAt(expression, 'values')
  switch (textAt(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    default:
      return value === undefined
  }
}
