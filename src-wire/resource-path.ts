import type { ResourceRef } from '../src-kube/kinds/descriptor.ts'

/** Where a resource lives on the server, before it is a URL. */
export interface ResourcePathOptions {
  resource: ResourceRef
  namespace?: string | undefined
  name?: string | undefined
  subresource?: string | undefined
  query?: Record<string, string> | undefined
}

/** The URL path (with query) of a resource, as kubernetes.io, "API Concepts", lays it out: `/api/v1/namespaces/…` or `/apis/<group>/…`. */
export function resourcePath(options: ResourcePathOptions): string {
  const { resource, namespace, name, subresource, query } = options
  let path = resource.group
    ? `/apis/${encodeURIComponent(resource.group)}/${encodeURIComponent(resource.version)}`
    : `/api/${encodeURIComponent(resource.version)}`
  if (namespace) path += `/namespaces/${encodeURIComponent(namespace)}`
  path += `/${encodeURIComponent(resource.resource)}`
  if (name) path += `/${encodeURIComponent(name)}`
  if (subresource) path += `/${subresource.split('/').map(encodeURIComponent).join('/')}`
  const search = query ? new URLSearchParams(query).toString() : ''
  return search ? `${path}?${search}` : path
}
