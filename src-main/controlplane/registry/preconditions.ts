import { conflict, type StatusError } from '../../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { nameOf } from './context.ts'
import type { Target } from './registry.ts'

/** 409 for a write that means another object than the one at its path, in the words of upstream's storage. `found`: none when absent. */
function otherUid(target: Target, uid: string, found: KubeObject | undefined): StatusError {
  const { descriptor, namespace, name } = target
  const place = [descriptor.plural, ...(namespace ? [namespace] : []), name].join('/')
  const key = `/registry/${descriptor.served[0]?.custom ? `${descriptor.group}/` : ''}${place}`
  const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${found?.metadata.uid ?? ''}`
  return conflict(
    nameOf(target),
    name,
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`,
  )
}

/** Throws 409 when a PUT names the uid of another object; asked before anything else is said about the object. */
export function checkSameObject(
  target: Target,
  { metadata: { uid } }: KubeObject,
  found: KubeObject | undefined,
): void {
  if (uid && uid !== found?.metadata.uid) throw otherUid(target, uid, found)
}

/** Throws 409 when an object was made from one that is no more, or from an older state of it. */
export function checkPreconditions(target: Target, object: KubeObject, old: KubeObject): void {
  checkSameObject(target, object, old)
  const { resourceVersion } = object.metadata
  if (resourceVersion && resourceVersion !== '0' && resourceVersion !== old.metadata.resourceVersion)
    throw conflict(nameOf(target), target.name)
}
