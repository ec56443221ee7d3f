interface Resource {
  name: string
  singularName?: string
  namespaced?: boolean
  group?: string
  version?: string
  kind: string
  verbs?: string[]
  shortNames?: string[]
  categories?: string[]
}

/** One resource in the aggregated form of discovery (KEP-3352). */
export interface AggregatedResource {
  resource: string
  responseKind: { group: string; version: string; kind: string }
  scope: 'Namespaced' | 'Cluster'
  singularResource: string
  verbs: string[]
  shortNames?: string[]
  categories?: string[]
  subresources?: Array<{ subresource: string; responseKind: AggregatedResource['responseKind']; verbs: string[] }>
}

/** An `APIResourceList`, in which subresources stand beside resources, in the aggregated form. Undefined for what is no such list. */
export function aggregate(list: unknown, group: string, version: string): AggregatedResource[] | undefined {
  const { kind, resources } = (list ?? {}) as { kind?: string; resources?: Resource[] }
  if (kind !== 'APIResourceList' || !Array.isArray(resources)) return undefined
  const kindOf = (one: Resource) => ({ group: one.group ?? group, version: one.version ?? version, kind: one.kind })
  const partsOf = (name: string) =>
    resources
      .filter((one) => one.name.startsWith(`${name}/`))
      .map((one) => ({
        subresource: one.name.slice(name.length + 1),
        responseKind: kindOf(one),
        verbs: one.verbs ?? [],
      }))
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map((one) => {
      const subresources = partsOf(one.name)
      return {
        resource: one.name,
        responseKind: kindOf(one),
        scope: one.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: one.singularName ?? '',
        verbs: one.verbs ?? [],
        ...(one.shortNames?.length ? { shortNames: one.shortNames } : {}),
        ...(one.categories?.length ? { categories: one.categories } : {}),
        ...(subresources.length > 0 ? { subresources } : {}),
      }
    })
}
