/** Pods that objects choose by labels (kubernetes.io, "Labels and Selectors"). Pure. */
import type { LabelSelector } from '#types/meta/v1'
import { labelSelectorMatcher } from '../../src-kube/machinery/labels.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { at } from '../kinds/view.ts'

interface PodSelector {
  /** A pair that every chosen pod has; undefined when only expressions choose. */
  pair: readonly [key: string, value: string] | undefined
  matches(labels: Readonly<Record<string, string>>): boolean
}

/** Where kinds say which pods they choose; a plain selector is a map of labels alone. */
const fields: Record<string, { path: readonly string[]; plain?: boolean }> = {
  services: { path: ['spec', 'selector'], plain: true },
  'poddisruptionbudgets.policy': { path: ['spec', 'selector'] },
  'networkpolicies.networking.k8s.io': { path: ['spec', 'podSelector'] },
}

/** How an object chooses pods; undefined when it does not. A selector that says nothing chooses no pods here: it would be all of them. */
export function podSelectorOf(view: string, object: KubeObject): PodSelector | undefined {
  const field = fields[view]
  const said = field && at(object, ...field.path)
  if (!said) return undefined
  const selector = (field.plain ? { matchLabels: said } : said) as LabelSelector
  const { requirements, matches } = labelSelectorMatcher(selector)
  if (requirements.length === 0) return undefined
  return { pair: Object.entries(selector.matchLabels ?? {})[0], matches }
}
