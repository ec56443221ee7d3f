import { parseRequest, type RequestInfo } from '../http/request-info.ts'

/** Where the past is served; it has no counterpart upstream. */
const ROOT = '/debug/history'

/** Whether a path is of `/debug/history`, which has no counterpart upstream. */
export const isPast = (path: string): boolean => path === ROOT || path.startsWith(`${ROOT}/`)

/**
 * The object whose past a path asks for, as a read of the object itself: who may do that now may see what it was.
 * `/debug/history/api/v1/namespaces/default/pods/web` is a `get` of that pod. Undefined for other paths.
 */
export function objectOfPast({ path }: RequestInfo, method: string): RequestInfo | undefined {
  if (!path.startsWith(`${ROOT}/api`)) return undefined
  const asked = parseRequest(method, path.slice(ROOT.length))
  return asked.isResource && asked.verb !== 'watch' ? asked : undefined
}
