import { isLasting } from '../flow-control/admit.ts'
import type { RequestInfo } from '../http/request-info.ts'
import type { ServedResource } from '../resources.ts'
import { virtualResources } from '../virtual.ts'

const APPLY = 'application/apply-patch+yaml'

/** What metrics call the verb of a request: the method, but for reads of collections, applies, and what lasts. */
export function verbOf(info: RequestInfo, method: string, contentType: string | undefined): string {
  if (info.verb === 'watch') return 'WATCH'
  if (info.isResource && isLasting(info)) return 'CONNECT'
  if (info.verb === 'list') return 'LIST'
  if (method === 'PATCH' && contentType === APPLY) return 'APPLY'
  return method === 'HEAD' ? 'GET' : method
}

/** How much a request is about: one object, a namespace's objects or a cluster's; nothing for what is no resource. */
export function scopeOf({ isResource, name, namespace, verb }: RequestInfo): string {
  if (!isResource) return ''
  if (name !== '' || verb === 'create') return 'resource'
  return namespace === '' ? 'cluster' : 'namespace'
}

/** The label `dry_run`: `All`, empty, or `invalid` for any other value. */
export function dryRunOf({ query }: RequestInfo): string {
  if (query.size === 0) return ''
  const asked = query.get('dryRun')
  if (asked === null) return ''
  return asked === 'All' ? 'All' : 'invalid'
}

const health = new Set(['/healthz', '/livez', '/readyz'])

/** Whether requests of the kind are counted: what nobody serves could be named in any number of ways. What other servers serve they count. */
export function isServed(info: RequestInfo, found: ServedResource | undefined): boolean {
  const { isResource, path, group, version, resource, subresource } = info
  if (!isResource) return health.has(path)
  if (found) return subresource === '' || found.descriptor.subresources.some(({ name }) => name === subresource)
  return virtualResources.some((one) => one.plural === resource && one.group === group && one.version === version)
}
