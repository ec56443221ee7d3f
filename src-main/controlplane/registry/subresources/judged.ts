import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { attributesOf, type WriteRequest } from '../context.ts'
import type { Target } from '../registry.ts'
import { scaleOf, withValue } from './scale.ts'

/** What admission sees of a change, the new and the old: the objects themselves, of the subresource `scale` their Scales. */
export const judged = (target: Target, object: KubeObject, oldObject: KubeObject) =>
  target.subresource === 'scale'
    ? { object: scaleOf(object, target, 0), oldObject: scaleOf(oldObject, target, 0) }
    : { object, oldObject }

/** Lets admission change the object, which is written to; undefined when nobody has to be waited for. */
export function admitted(request: WriteRequest, object: KubeObject, old: KubeObject): Promise<void> | undefined {
  const { core, target } = request
  const seen = judged(target, object, old)
  const admitting = core.admission.admit(attributesOf('UPDATE', request, seen))
  if (seen.object === object) return admitting
  const take = (): undefined => {
    const { replicas = 0 } = (seen.object['spec'] ?? {}) as { replicas?: number }
    Object.assign(object, withValue(object, target.descriptor.scale!.spec, replicas))
  }
  return admitting ? admitting.then(take) : take()
}
