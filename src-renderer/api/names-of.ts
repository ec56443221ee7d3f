import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { KindView } from '../kinds/view.ts'
import { metadataOnly, pathOf, type Kube } from './kube.ts'
import { listWherePermitted } from './list-once.ts'
import { keyOf } from './live-map.ts'

/** How many names are read of a kind, nearly; who has more of it finds them by its list. */
const most = 2000
/** Objects in one answer: even their metadata alone is thousands of bytes each, of which only the names are kept. */
const part = 500

interface Answer {
  metadata?: { continue?: string }
  items: KubeObject[]
}

/** Whether objects of a kind are sought by name: what the cluster keeps for itself, and what is told of others, is not. */
export const isSought = ({ id, category, verbs }: KindView): boolean =>
  category !== 'system' &&
  !['events', 'endpoints', 'endpointslices.discovery.k8s.io'].includes(id) &&
  (!verbs || verbs.includes('list'))

/**
 * Keys of the objects of a kind, read in parts; before each part after the first `goesOn` is asked. Where the whole may not be read, those of
 * the namespaces that are looked at. Rejects where nothing of it may be read.
 */
export function namesOf(kube: Kube, view: KindView, goesOn: () => boolean = () => true): Promise<string[]> {
  const listIn = async (namespace?: string): Promise<string[]> => {
    const keys: string[] = []
    let rest: string | undefined
    do {
      const query = { limit: String(part), ...(rest ? { continue: rest } : {}) }
      const answer: Answer = await kube.get(pathOf(view, { namespace, query }), metadataOnly)
      for (const object of answer.items) keys.push(keyOf(object))
      rest = answer.metadata?.continue
    } while (rest && keys.length < most && goesOn())
    return keys
  }
  return view.namespaced ? listWherePermitted(kube.cluster, view, listIn) : listIn()
}
