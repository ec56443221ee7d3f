import type { OwnerReference } from '#types/meta/v1'
import type { KindView, ObjectLink } from '../kinds/view.ts'

/**
 * Where an owner is: in the namespace of what it owns, or in none (kubernetes.io, "Owners and Dependents"). Undefined for kinds that have no page, also
 * when one of another group is called alike.
 */
export function ownerLink(
  { apiVersion, kind, name }: OwnerReference,
  namespace: string | undefined,
  views: readonly Pick<KindView, 'id' | 'group' | 'kind' | 'namespaced'>[],
): ObjectLink | undefined {
  const [group = ''] = apiVersion.includes('/') ? apiVersion.split('/') : []
  const view = views.find((one) => one.kind === kind && one.group === group)
  return view && { view: view.id, namespace: view.namespaced ? namespace : undefined, name }
}
