import type { KindView } from '../kinds/view.ts'

/** A right that an action needs, beside where: `subresource` of a resource. */
export interface Need {
  verb: string
  group: string
  resource: string
  subresource?: string
}

/** A verb on the kind itself. */
export const onKind =
  (verb: string) =>
  ({ group, resource }: Pick<KindView, 'group' | 'resource'>): Need => ({ verb, group, resource })

/** A verb on a subresource of pods, whatever the action begins at: kubernetes.io, "Using RBAC Authorization: Referring to resources". */
export const onPods = (verb: string, subresource: string) => (): Need => ({
  verb,
  group: '',
  resource: 'pods',
  subresource,
})
