import { useCluster, useIsOwn } from '../api/context.ts'
import type { Kube } from '../api/kube.ts'
import type { KindView } from '../kinds/view.ts'
import { useNamespaces } from '../namespaces/use-namespaces.ts'
import { createRights, grants, type Rights } from './rights.ts'

/** By the connection of the cluster on screen: all that asks shares the answers. */
const known = new WeakMap<Kube, Rights>()

/** What the person may do in the cluster on screen; of an own cluster everything. Must be called in setup. */
export function useRights(): Rights {
  const { kube } = useCluster()
  const own = useIsOwn()
  const rights = (): Rights => {
    let found = known.get(kube)
    if (!found) known.set(kube, (found = createRights(kube)))
    return found
  }
  return {
    may: (right) => own.value || rights().may(right),
    rulesIn: (namespace) => (own.value ? undefined : rights().rulesIn(namespace)),
  }
}

/** Tells of which kinds nothing may be listed, as far as the rules of the namespaces that are looked at say. Must be called in setup. */
export function useClosedKinds(): (view: KindView) => boolean {
  const { rulesIn } = useRights()
  const { asked, areSome } = useNamespaces()
  return ({ group, resource }) =>
    areSome.value &&
    asked.value.every((namespace) => {
      const rules = rulesIn(namespace)
      return rules !== undefined && !grants(rules, { verb: 'list', group, resource })
    })
}
