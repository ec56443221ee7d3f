import { badRequest } from '../../../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { decodeBody } from '../decode.ts'
import type { WriteRequest } from '../context.ts'

/** The kind that is posted to a subresource, where it is not that of the object. */
export interface PostedKind {
  group: string
  version: string
  kind: string
}

/**
 * What is posted to a subresource, decoded as what it must be; nothing at all is an empty one. Unknown fields are refused, warned of or dropped
 * as the client asked. Throws `StatusError` 400 in upstream's words for what is no such object.
 */
export function posted<T>(
  { group, version, kind }: PostedKind,
  body: unknown,
  { target: { descriptor }, options }: Pick<WriteRequest, 'target' | 'options'>,
): T & KubeObject {
  const own = { ...descriptor, group, kind, storageVersion: version }
  return decodeBody({ descriptor: own, served: { group, version } }, body ?? {}, options) as T & KubeObject
}

/** What is posted to an object's subresource may name no other namespace than the path. Throws `StatusError` 400. */
export function checkNamespace({ metadata }: KubeObject, { namespace }: WriteRequest['target']): void {
  if (metadata.namespace && metadata.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
}
