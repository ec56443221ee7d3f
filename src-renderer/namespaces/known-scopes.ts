import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'

/** Where lists of a cluster are asked for. */
export interface NamespaceScope {
  /** Namespaces that are asked one by one where the cluster as a whole may not be. */
  readonly names: ShallowRef<readonly string[]>
  /** They alone are asked, also where more may be read: a part of a big cluster. */
  readonly only: Ref<boolean>
  /** Those that links and filters led to since the window was opened; they are asked too. */
  readonly visited: ShallowRef<readonly string[]>
}

/** By the cluster's id: lists outlive the pages that show them, and follow it. */
const scopes = new Map<string, NamespaceScope>()

/** What is known of a cluster's namespaces: one and the same for every page of that cluster, for as long as the app runs. */
export function scopeOf(cluster: string): NamespaceScope {
  let scope = scopes.get(cluster)
  if (!scope) scopes.set(cluster, (scope = { names: shallowRef([]), only: ref(false), visited: shallowRef([]) }))
  return scope
}
