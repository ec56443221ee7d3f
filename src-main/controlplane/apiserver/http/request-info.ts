/** What a URL asks for, in the terms of authorization (kubernetes.io, "Authorization Overview: Determine the request verb"). */
export interface RequestInfo {
  isResource: boolean
  /** Kubernetes' verb (`get`, `list`, `watch`, …), or the HTTP method in lower case for other paths. */
  verb: string
  group: string
  version: string
  namespace: string
  resource: string
  name: string
  subresource: string
  /** Path after a `proxy` subresource, escaped, with its leading slash; what stands below others, where nothing is; `` when there is none. */
  rest: string
  path: string
  query: URLSearchParams
}

const verbs: Record<string, string> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}
/** Subresources of a namespace: everything else below a namespace is a resource in it. */
const namespaceSubresources = new Set(['status', 'finalize'])

/** Shared by all requests without one: nobody writes into a query. */
const noQuery = new URLSearchParams()

/**
 * What a request line asks for (reference: apiserver/pkg/endpoints/request): resource, object and subresource, or a path that is no
 * resource. What cannot be decoded stays as it is.
 */
export function parseRequest(method: string, url: string): RequestInfo {
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const query = mark < 0 ? noQuery : new URLSearchParams(url.slice(mark + 1))
  const info: RequestInfo = {
    isResource: false,
    verb: method.toLowerCase(),
    group: '',
    version: '',
    namespace: '',
    resource: '',
    name: '',
    subresource: '',
    rest: '',
    path,
    query,
  }
  const parts = (path.startsWith('/') ? path.slice(1) : path).split('/')
  const start = parts[0] === 'api' ? 2 : parts[0] === 'apis' ? 3 : 0
  if (start === 0 || parts.length <= start) return info
  if (parts[start - 1] === '' || (parts.length === start + 1 && parts[start] === '')) return info
  info.isResource = true
  info.group = start === 3 ? parts[1]! : ''
  info.version = parts[start - 1]!
  info.verb = verbs[method] ?? method.toLowerCase()
  fillResource(info, parts.slice(start).flatMap(segments))
  if (info.subresource === 'proxy') info.rest = restOf(path)
  settleVerb(info, method)
  return info
}

/** A slash separates however it is written, as in the decoded paths that Go's servers look at. */
function segments(part: string): string | string[] {
  if (!part.includes('%')) return part
  try {
    return decodeURIComponent(part).split('/')
  } catch (error) {
    if (error instanceof URIError) return part
    throw error
  }
}

function fillResource(info: RequestInfo, parts: string[]): void {
  let rest = parts
  if (rest[0] === 'watch' && rest.length > 1) {
    info.verb = 'watch'
    rest = rest.slice(1)
  }
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2 && !namespaceSubresources.has(rest[2]!)
  if (inNamespace) {
    info.namespace = rest[1]!
    rest = rest.slice(2)
  } else if (rest[0] === 'namespaces' && rest.length > 1) info.namespace = rest[1]!
  info.resource = rest[0] ?? ''
  info.name = rest[1] ?? ''
  info.subresource = rest[2] ?? ''
  info.rest = rest[3] ?? ''
}

/** What follows the segment `proxy`, with the slash it begins with. */
function restOf(path: string): string {
  const at = path.search(/\/proxy(\/|$)/)
  return path.slice(at + '/proxy'.length)
}

function settleVerb(info: RequestInfo, method: string): void {
  if (info.verb === 'watch') return
  const watching = info.query !== noQuery && isTrue(info.query.get('watch'))
  if (info.name === '' && (method === 'GET' || method === 'HEAD')) info.verb = watching ? 'watch' : 'list'
  else if (info.name === '' && method === 'DELETE') info.verb = 'deletecollection'
  else if (info.verb === 'get' && watching && info.subresource === '') info.verb = 'watch'
}

/** A flag of the query is set by being there, unless it says that it is not. */
export const isTrue = (value: string | null): boolean =>
  value !== null && value !== '0' && value.toLowerCase() !== 'false'
