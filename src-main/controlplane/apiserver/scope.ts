import { notFound, StatusError } from '../../../src-kube/machinery/errors.ts'
import { PageNotFoundError } from './filters/page-not-found.ts'
import type { KindDescriptor } from '../../../src-kube/kinds/descriptor.ts'
import type { VirtualResource } from './discovery.ts'
import type { RequestInfo } from './http/request-info.ts'
import type { ServedResource } from './resources.ts'

/** Nothing is served at a path, or nothing of that method. */
export const pathNotFound = (): StatusError =>
  new StatusError(404, 'NotFound', 'the server could not find the requested resource', {})

/**
 * A namespaced kind needs a namespace for everything but lists and watches; a cluster-scoped one has none. Custom kinds have no routes of
 * their own: what is out of their scope is nobody's, and what is below their objects is looked for.
 */
export function checkScope(info: RequestInfo, { descriptor, served }: ServedResource): void {
  if (served.custom) return checkCustomScope(info, descriptor)
  if (descriptor.scope === 'Cluster' && info.namespace && !isNamespace(info)) throw pathNotFound()
  if (info.subresource !== '' && info.verb === 'watch') throw pathNotFound()
  if (!hasSubresource(descriptor, info.subresource) || (info.rest !== '' && info.subresource !== 'proxy'))
    throw pathNotFound()
  if (descriptor.scope === 'Namespaced' && !info.namespace && !isWide(info)) {
    // Of all namespaces there is a collection, and nothing below it.
    if (info.name) throw pathNotFound()
    throw methodNotAllowed()
  }
}

function checkCustomScope(info: RequestInfo, descriptor: KindDescriptor): void {
  const { group, resource, name, namespace, subresource, rest } = info
  const isOutside = descriptor.scope === 'Cluster' ? namespace !== '' : namespace === '' && !isWide(info)
  if (isOutside) throw new PageNotFoundError()
  if (!hasSubresource(descriptor, subresource) || rest !== '') throw notFound({ group, resource }, name)
}

const hasSubresource = ({ subresources }: KindDescriptor, asked: string): boolean =>
  asked === '' || subresources.some(({ name }) => name === asked)

/** All namespaces can be asked for at once, but not for one object in none of them. */
const isWide = ({ verb, name }: RequestInfo): boolean => verb === 'list' || (verb === 'watch' && name === '')

/** The path of a namespace goes through itself; there are none below another. */
const isNamespace = ({ resource, path }: RequestInfo): boolean =>
  resource === 'namespaces' && !/\/namespaces\/[^/]+\/namespaces(\/|$)/.test(path)

/** Of what is stored nowhere under its own name: nothing below it, nothing out of its scope, and no other methods than it has. */
export function checkVirtual(info: RequestInfo, method: string, { namespaced, verbs = ['create'] }: Virtual): void {
  const { namespace, name, subresource, verb } = info
  const isOutside = namespaced !== (namespace !== '')
  const isNothing = name !== '' && !verbs.includes('get')
  if (isOutside || isNothing || subresource !== '' || info.path.includes('/watch/')) throw pathNotFound()
  if (verb === 'watch' && method === 'GET' && verbs.includes('list') && name === '')
    throw new StatusError(405, 'MethodNotAllowed', `watch is not supported on resources of kind "${info.resource}"`, {})
  const asked = verb === 'watch' && method === 'GET' ? 'get' : verb
  if (method === 'HEAD' || !verbs.includes(asked)) throw methodNotAllowed()
}

type Virtual = Pick<VirtualResource, 'namespaced' | 'verbs'>

/** Something is served at a path, but not by that method. */
export const methodNotAllowed = (): StatusError =>
  new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})

/**
 * What discovery does not list is not served: no deletion of all namespaces, no PUT to a collection, no POST to an object. Custom kinds in
 * their last hour list less than they do.
 */
export function checkVerb({ verb, name, subresource }: RequestInfo, { descriptor }: ServedResource): void {
  const wantsName = verb === 'get' || verb === 'update' || verb === 'patch' || verb === 'delete'
  const misplaced = name === '' ? wantsName : verb === 'create' && subresource === ''
  const verbs = subresource
    ? descriptor.subresources.find((sub) => sub.name === subresource)?.verbs
    : descriptor.served[0]?.custom
      ? undefined
      : descriptor.verbs
  if (!misplaced && (!verbs || verbs.includes(verb))) return
  throw methodNotAllowed()
}
