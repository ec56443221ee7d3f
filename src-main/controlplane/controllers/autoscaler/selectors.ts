import type { Pod } from '#types/core/v1'
import { type LabelMatcher, parseLabelSelector } from '../../../../src-kube/machinery/labels.ts'

/** The pods of an autoscaler cannot be told, or are another's too. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError'
  /** Of the event, and of the condition ScalingActive with its message. */
  readonly event: string
  readonly reason: string
  readonly condition: string

  constructor(event: string, message: string, reason = event, condition = message) {
    super(message)
    this.event = event
    this.reason = reason
    this.condition = condition
  }
}

/** Which pods each autoscaler counts: two that count the same ones would fight over them. */
export class Selectors {
  /** By namespace, then name. */
  readonly #known = new Map<string, Map<string, LabelMatcher>>()

  forget(key: string): void {
    const [namespace = '', name = ''] = key.split('/')
    this.#known.get(namespace)?.delete(name)
  }

  /** The pods of an autoscaler by the selector of its target. Throws {@link SelectorError}. */
  podsOf(namespace: string, name: string, selector: string | undefined, pods: readonly Pod[]): Pod[] {
    const missing = "the HPA target's scale is missing a selector"
    if (!selector) throw new SelectorError('SelectorRequired', 'selector is required', 'InvalidSelector', missing)
    const matcher = parseLabelSelector(selector)
    const known = this.#known.get(namespace) ?? new Map<string, LabelMatcher>()
    this.#known.set(namespace, known.set(name, matcher))
    const found = pods.filter(({ metadata }) => matcher.matches(metadata.labels))
    const claimants = [...known].filter(([, other]) => found.some(({ metadata }) => other.matches(metadata.labels)))
    if (claimants.length < 2) return found
    const names = claimants.map(([other]) => `{${other} ${namespace}}`).toSorted()
    throw new SelectorError(
      'AmbiguousSelector',
      `pods by selector ${selector} are controlled by multiple HPAs: [${names.join(' ')}]`,
    )
  }
}
