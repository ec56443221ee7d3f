import type { KindView } from '../kinds/view.ts'

/** A right that an action needs, beside where: `subresource` of a resource. */
export interface Need {
  verb: string
  group: string
  resource: string
  subresource?: string
  /** Another verb that may do as well. */
  or?: string
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

/** To connect to a pod is to create its subresource; servers before 1.35 ask for `get` when that is done by WebSocket (KEP-4006). */
export const connecting = (subresource: string) => (): Need => ({ ...onPods('create', subresource)(), or: 'get' })
