import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { metadataOnly, pathOf, type Kube } from '../api/kube.ts'
import { listOnce } from '../api/list-once.ts'
import { isWholeList, loadedMap } from '../api/use-watch-list.ts'
import { at, listAt, textAt, type KindView } from '../kinds/view.ts'
import { scopeOf } from '../namespaces/known-scopes.ts'
import type { Wanted } from './name-places.ts'

/** Finds what may stand in a field that names something, sorted; empty when the cluster does not say. */
export type NameSource = (wanted: Wanted) => Promise<string[]>

/** How long an answer is good, milliseconds: completion asks at every key. */
const fresh = 5000

/** Names from lists that are on screen anyway, else asked for. */
export function createNameSource(kube: Kube, viewOf: (id: string) => KindView | undefined): NameSource {
  const known = new Map<string, { until: number; answer: Promise<string[]> }>()

  const namesOf = async (id: string, namespace: string | undefined): Promise<string[]> => {
    const view = viewOf(id)
    const objects = view ? await objectsOf(kube, view, namespace) : []
    return objects
      .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
      .map(({ metadata }) => metadata.name)
  }
  const keysOf = async ({ view: id, namespace, name }: Extract<Wanted, { of: 'keys' }>): Promise<string[]> => {
    const view = viewOf(id)
    if (!view) return []
    const object = await kube.get(pathOf(view, { namespace, name }))
    return ['data', 'binaryData'].flatMap((field) => Object.keys((at(object, field) ?? {}) as object))
  }
  const images = async (): Promise<string[]> => {
    const nodes = viewOf('nodes')
    const listed = nodes ? (await kube.get<{ items: KubeObject[] }>(pathOf(nodes))).items : []
    const pods = [...(loadedMap(kube.cluster, 'pods')?.values() ?? [])]
    return [
      ...pods.flatMap((pod) => listAt(pod, 'spec', 'containers').map((one) => textAt(one, 'image'))),
      ...listed.flatMap((node) =>
        listAt(node, 'status', 'images').flatMap((image) => listAt(image, 'names').map(String)),
      ),
    ].filter((name) => name !== '' && !name.includes('@sha256:'))
  }
  const ask = (wanted: Wanted): Promise<string[]> =>
    wanted.of === 'images' ? images() : wanted.of === 'keys' ? keysOf(wanted) : namesOf(wanted.view, wanted.namespace)
  return async (wanted) => {
    const key = JSON.stringify(wanted)
    const found = known.get(key)
    if (found && found.until > Date.now()) return found.answer
    // What cannot be listed cannot be offered; that is no reason to disturb who is typing.
    const answer = ask(wanted).then(
      (names) => [...new Set(names)].sort(),
      () => [],
    )
    known.set(key, { until: Date.now() + fresh, answer })
    return answer
  }
}

/** Objects of a kind, of a namespace or of all that may be read: from its list if that is there, else asked for. */
async function objectsOf(kube: Kube, view: KindView, namespace: string | undefined): Promise<KubeObject[]> {
  const loaded = loadedMap(kube.cluster, view.id)
  // A list of some namespaces says nothing of another one.
  const { names } = scopeOf(kube.cluster)
  const isIn = namespace === undefined || isWholeList(kube.cluster, view.id) || names.value.includes(namespace)
  if (loaded && isIn) return [...loaded.values()]
  if (namespace === undefined && view.namespaced) return listOnce<KubeObject>(kube, view, { accept: metadataOnly })
  return (await kube.get<{ items: KubeObject[] }>(pathOf(view, { namespace }), metadataOnly)).items
}
