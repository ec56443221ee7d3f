import type { Client, TypedRef } from '../client/typed-client.ts'
import type { ObjectLike } from '../machinery/meta.ts'

/** Whether something is still to be done before the object may go. */
export function hasFinalizer(object: ObjectLike, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) ?? false
}

/** Adds or removes one finalizer under the object's resourceVersion (409 when it has changed); answers the object as it then stands. */
export async function setFinalizer<T extends ObjectLike>(
  client: Client,
  ref: TypedRef<T>,
  object: T,
  finalizer: string,
  present: boolean,
): Promise<T> {
  if (hasFinalizer(object, finalizer) === present) return object
  const others = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer)
  const { name, namespace, uid, resourceVersion } = object.metadata
  const finalizers = present ? [...others, finalizer] : others
  return client.resource(ref).patch({
    name,
    namespace,
    type: 'application/merge-patch+json',
    body: { metadata: { uid, resourceVersion, finalizers } },
  })
}
