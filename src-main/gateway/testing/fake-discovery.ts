import { resources } from './fake-resources.ts'

/** What `/api` (`core`) or `/apis` serves, aggregated. */
export function discovery(core: boolean): unknown {
  const names = [...new Set(resources.filter((r) => (r.group === '') === core).map((r) => r.group))]
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    items: names.map((group) => ({
      metadata: { name: group },
      versions: [
        {
          version: resources.find((r) => r.group === group)!.version,
          resources: resources
            .filter((r) => r.group === group)
            .map((r) => ({
              resource: r.resource,
              responseKind: { group, version: r.version, kind: r.kind },
              scope: r.namespaced ? 'Namespaced' : 'Cluster',
              singularResource: r.kind.toLowerCase(),
              verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
            })),
        },
      ],
    })),
  }
}

/** What one version of a group serves. */
export function plainDiscovery(group: string, version: string): unknown {
  return {
    kind: 'APIResourceList',
    groupVersion: group ? `${group}/${version}` : version,
    resources: resources
      .filter((r) => r.group === group && r.version === version)
      .map((r) => ({ name: r.resource, kind: r.kind, namespaced: r.namespaced, verbs: [] })),
  }
}
