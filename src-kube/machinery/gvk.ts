/** Group (empty for the core group), version and kind. */
export interface GroupVersionKind {
  group: string
  version: string
  kind: string
}

/** Group (empty for the core group), version and plural resource name. */
export interface GroupVersionResource {
  group: string
  version: string
  resource: string
}

/** `apps/v1` → group `apps`, version `v1`; `v1` → group ``. */
export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/')
  return slash < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

/** The inverse of {@link parseApiVersion}. */
export function formatApiVersion(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`
}

/** `deployments.apps`, or `pods` for the core group: how messages name a resource. */
export function qualifiedResource(group: string, resource: string): string {
  return group === '' ? resource : `${resource}.${group}`
}
