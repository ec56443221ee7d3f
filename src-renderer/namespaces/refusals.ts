import { splitKey } from '../../src-kube/machinery/meta.ts'
import type { Refusal } from '../api/watch-list.ts'
import { pluralOf } from '../kinds/plural.ts'
import type { KindView } from '../kinds/view.ts'

/** A kind of which something is refused. */
export interface RefusedKind {
  view: Pick<KindView, 'kind'>
  refusals: readonly Refusal[]
}

/** What may not be listed, and where: the key of the words and what fills them. */
export function refusalWords(view: Pick<KindView, 'kind'>, refusals: readonly Refusal[]): Words {
  return wordsOf([pluralOf(view.kind)], namespacesOf(refusals))
}

/** As {@link refusalWords}, of several kinds; those that are refused in the same namespaces are said together. */
export function refusalsTogether(kinds: readonly RefusedKind[]): Words[] {
  const places = new Map<string, { kinds: string[]; namespaces: string[] }>()
  for (const { view, refusals } of kinds.filter((one) => one.refusals.length > 0)) {
    const namespaces = namespacesOf(refusals)
    const place = places.get(namespaces.join())
    if (place) place.kinds.push(pluralOf(view.kind))
    else places.set(namespaces.join(), { kinds: [pluralOf(view.kind)], namespaces })
  }
  return [...places.values()].map((place) => wordsOf(place.kinds, place.namespaces))
}

type Words = [key: string, values: Record<string, string>]

const namespacesOf = (refusals: readonly Refusal[]): string[] => refusals.flatMap(({ namespace }) => namespace ?? [])

const wordsOf = (kinds: string[], namespaces: string[]): Words =>
  namespaces.length > 0
    ? ['refused.in', { kind: kinds.join(', '), namespaces: namespaces.join(', ') }]
    : ['refused.cluster', { kind: kinds.join(', ') }]

/** Whether an object of this key (`namespace/name`, or the name; empty for none) is not in a list because of these. */
export function isWithheld(refusals: readonly Refusal[], key: string): boolean {
  const { namespace } = splitKey(key)
  return key !== '' && refusals.some((one) => one.namespace === undefined || one.namespace === namespace)
}

/** How a right names a kind: `deployments.apps`. */
export const resourceText = ({ group, resource }: Pick<KindView, 'group' | 'resource'>): string =>
  group ? `${resource}.${group}` : resource
