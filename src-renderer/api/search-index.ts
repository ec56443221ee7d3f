import { shallowRef, type ShallowRef } from 'vue'
import type { KindView } from '../kinds/view.ts'
import type { Kube } from './kube.ts'
import { isSought, namesOf } from './names-of.ts'
import { loadedMap } from './use-watch-list.ts'

/** An object that can be looked for by its name. */
export interface Found {
  view: KindView
  /** `namespace/name`, or the name. */
  key: string
}

/** Names of all that one may look for, those of lists on screen live, the others as they were when last asked. */
export interface SearchIndex {
  objects: ShallowRef<readonly Found[]>
  /** Asks anew for what is not on screen, unless that was lately. Never rejects. */
  refresh(views: readonly KindView[]): Promise<void>
}

/** Milliseconds that names of lists which are not on screen are good for. */
const fresh = 15_000

/** Names of all objects of a cluster, asked for when somebody searches and kept for a while; `now` is milliseconds since the epoch. */
export function createSearchIndex(kube: Kube, now: () => number = Date.now): SearchIndex {
  const objects = shallowRef<readonly Found[]>([])
  const asked = new Map<string, string[]>()
  let until = 0

  const gather = (views: readonly KindView[]): void => {
    objects.value = views.flatMap((view) => {
      const keys = loadedMap(kube.cluster, view.id)?.keys() ?? asked.get(view.id) ?? []
      return Array.from(keys, (key) => ({ view, key }))
    })
  }
  return {
    objects,
    async refresh(views) {
      const sought = views.filter(isSought)
      gather(sought)
      if (now() < until) return
      until = now() + fresh
      const absent = sought.filter((view) => !loadedMap(kube.cluster, view.id))
      await Promise.all(
        absent.map(async (view) => {
          try {
            asked.set(view.id, await namesOf(kube, view))
          } catch {
            // Kinds that may not be listed are not found; their own page says why.
            asked.delete(view.id)
          }
        }),
      )
      gather(sought)
    },
  }
}
