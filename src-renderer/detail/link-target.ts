import type { RouteLocationRaw } from 'vue-router'
import type { ObjectLink } from '../kinds/view.ts'

/** The list of a linked object's kind, with its detail open; without a name the list alone. */
export const linkTarget = (cluster: string, { view, namespace, name }: ObjectLink): RouteLocationRaw => ({
  name: 'kind',
  params: { cluster, view },
  query: name ? { sel: namespace ? `${namespace}/${name}` : name } : {},
})
