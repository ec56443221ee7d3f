/** What a link within the app leads to: an object of a kind in a cluster. */
export interface LinkedObject {
  cluster: string
  /** Id of the view. */
  view: string
  /** `namespace/name`, or the name. */
  key: string
}

/** The object that an address of the app names, `#/c/dev/k/pods?sel=shop/web`; undefined for any other page. */
export function objectOfHref(href: string): LinkedObject | undefined {
  const [, path, query] = /#(\/[^?]*)\?(.*)$/.exec(href) ?? []
  const [, cluster, view] = /^\/c\/([^/]+)\/k\/([^/]+)$/.exec(path ?? '') ?? []
  const key = new URLSearchParams(query).get('sel')
  return cluster && view && key
    ? { cluster: decodeURIComponent(cluster), view: decodeURIComponent(view), key }
    : undefined
}

/** The address within the app of an object, which {@link objectOfHref} reads: cheap enough for each cell of a list. */
export const hrefOfObject = ({ cluster, view, key }: LinkedObject): string =>
  `#/c/${encodeURIComponent(cluster)}/k/${encodeURIComponent(view)}?sel=${encodeURIComponent(key)}`
