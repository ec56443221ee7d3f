import type { Refusal } from '../api/watch-list.ts'
import { pluralOf } from '../kinds/plural.ts'
import type { KindView } from '../kinds/view.ts'

/** What may not be listed, and where: the key of the words and what fills them. */
export function refusalWords(
  view: Pick<KindView, 'kind'>,
  refusals: readonly Refusal[],
): [string, Record<string, string>] {
  const kind = pluralOf(view.kind)
  const namespaces = refusals.flatMap(({ namespace }) => namespace ?? [])
  return namespaces.length > 0
    ? ['refused.in', { kind, namespaces: namespaces.join(', ') }]
    : ['refused.cluster', { kind }]
}

/** How a right names a kind: `deployments.apps`. */
export const resourceText = ({ group, resource }: Pick<KindView, 'group' | 'resource'>): string =>
  group ? `${resource}.${group}` : resource
