import { StatusError } from '../../../src-kube/machinery/errors.ts'
import type { RequestInfo } from './http/request-info.ts'
import type { ServedResource } from './resources.ts'

/** Nothing is served at a path, or nothing of that method. */
export const pathNotFound = (): StatusError =>
  new StatusError(404, 'NotFound', 'the server could not find the requested resource', {})

/** A namespaced kind needs a namespace for everything but lists and watches; a cluster-scoped one has none. */
export function checkScope(info: RequestInfo, { descriptor }: ServedResource): void {
  if (descriptor.scope === 'Cluster' && info.namespace && info.resource !== 'namespaces') throw pathNotFound()
  const known = info.subresource === '' || descriptor.subresources.some((sub) => sub.name === info.subresource)
  if (!known || (info.rest !== '' && info.subresource !== 'proxy')) throw pathNotFound()
  const wide = info.verb === 'list' || info.verb === 'watch'
  if (descriptor.scope === 'Namespaced' && !info.namespace && !wide) {
    // Of all namespaces there is a collection, and nothing below it.
    if (info.name) throw pathNotFound()
    throw methodNotAllowed()
  }
}

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
