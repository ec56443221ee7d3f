import type { Client, TypedRef } from '../client/typed-client.ts'
import type { ObjectLike } from '../machinery/meta.ts'

/** Whether something is still to be done before the object may go. */
export function hasFinalizer(object: ObjectLike, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) ?? false
}

/** Adds a finalizer under the object's resourceVersion (409 when it has changed); answers the object as it then stands. */
export async function addFinalizer<T extends ObjectLike>(
  client: Client,
  ref: TypedRef<T>,
  object: T,
  finalizer: string,
): Promise<T> {
  if (hasFinalizer(object, finalizer)) return object
  return write(client, ref, object, [...(object.metadata.finalizers ?? []), finalizer])
}

/** The inverse of {@link addFinalizer}, on the same terms. */
export async function removeFinalizer<T extends ObjectLike>(
  client: Client,
  ref: TypedRef<T>,
  object: T,
  finalizer: string,
): Promise<T> {
  if (!hasFinalizer(object, finalizer)) return object
  const others = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer)
  return write(client, ref, object, others)
}

function write<T extends ObjectLike>(
  client: Client,
  ref: TypedRef<T>,
  { metadata }: T,
  finalizers: readonly string[],
): Promise<T> {
  const { name, namespace, uid, resourceVersion } = metadata
  return client.resource(ref).patch({
    name,
    namespace,
    type: 'application/merge-patch+json',
    body: { metadata: { uid, resourceVersion, finalizers } },
  })
}
