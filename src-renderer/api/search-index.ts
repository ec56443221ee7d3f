import { shallowRef, type ShallowRef } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { KindView } from '../kinds/view.ts'
import { metadataOnly, pathOf, type Kube } from './kube.ts'
import { listOnce } from './list-once.ts'
import { loadedMap } from './use-watch-list.ts'
import { keyOf } from './watch-list.ts'

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
/** Names asked for of each kind; who has more of a kind finds them by its list. */
const most = 2000

const isSought = ({ id, category, verbs }: KindView): boolean =>
  category !== 'system' &&
  !['events', 'endpoints', 'endpointslices.discovery.k8s.io'].includes(id) &&
  (!verbs || verbs.includes('list'))

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
            const query = { limit: String(most) }
            const items = view.namespaced
              ? await listOnce<KubeObject>(kube, view, { accept: metadataOnly, query })
              : (await kube.get<{ items: KubeObject[] }>(pathOf(view, { query }), metadataOnly)).items
            asked.set(view.id, items.map(keyOf))
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
