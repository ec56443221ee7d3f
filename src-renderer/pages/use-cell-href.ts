import { useCluster } from '../api/context.ts'
import { hrefOfObject } from '../components/object-of-href.ts'
import type { ObjectLink } from '../kinds/view.ts'

/** Where a cell of a list leads: to an object of a kind that the cluster on screen has lists of, else nowhere. */
export function useCellHref(): (link: ObjectLink) => string | undefined {
  const cluster = useCluster()
  return ({ view: id, namespace, name }) => {
    const view = cluster.view(id)
    const key = view?.namespaced && namespace ? `${namespace}/${name}` : name
    return view && hrefOfObject({ cluster: cluster.id, view: id, key })
  }
}
