import type { TypedRef } from '../../../../src-kube/client/typed-client.ts'
import type { ObjectLike } from '../../../../src-kube/machinery/meta.ts'
import type { ControllerContext } from '../../../../src-kube/runtime/controller.ts'
import { addFinalizer, hasFinalizer, removeFinalizer } from '../../../../src-kube/runtime/finalizers.ts'

/** The finalizer that holds an object, and what it is held for. */
export interface Keeping {
  finalizer: string
  /** Asked only of an object that is being deleted and still has the finalizer. */
  isUsed(): boolean | Promise<boolean>
}

/**
 * Gives an object its finalizer, and takes it away once the object is being deleted and nobody uses it ("Persistent Volumes: Storage Object in Use
 * Protection"). 409 when the object has changed since it was read.
 */
export async function keepWhileUsed<T extends ObjectLike>(
  ctx: ControllerContext,
  ref: TypedRef<T>,
  object: T,
  { finalizer, isUsed }: Keeping,
): Promise<void> {
  const leaving = object.metadata.deletionTimestamp !== undefined
  if (hasFinalizer(object, finalizer) === !leaving) return
  if (leaving && (await isUsed())) return
  const write = leaving ? removeFinalizer : addFinalizer
  await write(ctx.client, ref, object, finalizer)
}
