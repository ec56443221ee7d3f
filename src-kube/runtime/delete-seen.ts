import type { Client, TypedRef } from '../client/typed-client.ts'
import { isNotFound } from '../machinery/errors.ts'
import type { ObjectLike } from '../machinery/meta.ts'

/**
 * Deletes the object that was seen, never another that has its name by now (409). One that is gone already is as it should be.
 *
 * @param options of the deletion, such as `gracePeriodSeconds` (kubernetes.io, DeleteOptions)
 */
export async function deleteSeen<T extends ObjectLike>(
  client: Client,
  ref: TypedRef<T>,
  { metadata: { name, namespace, uid } }: T,
  options: object = {},
): Promise<void> {
  try {
    await client.resource(ref).delete(name, namespace, { ...options, preconditions: { uid } })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
