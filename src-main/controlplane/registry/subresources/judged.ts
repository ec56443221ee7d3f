import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { attributesOf, type Core } from '../context.ts'
import type { Target, WriteOptions } from '../registry.ts'
import { scaleOf, withValue } from './scale.ts'

/** What admission sees of a change, the new and the old: the objects themselves, of the subresource `scale` their Scales. */
export const judged = (target: Target, object: KubeObject, old: KubeObject): [KubeObject, KubeObject] =>
  target.subresource === 'scale' ? [scaleOf(object, target, 0), scaleOf(old, target, 0)] : [object, old]

/** Lets admission change the object, which is written to. */
export async function admitted(
  core: Core,
  target: Target,
  options: WriteOptions,
  object: KubeObject,
  old: KubeObject,
): Promise<void> {
  const [seen, before] = judged(target, object, old)
  await core.admission.admit(attributesOf('UPDATE', target, options, seen, before))
  if (seen === object) return
  const { replicas = 0 } = (seen['spec'] ?? {}) as { replicas?: number }
  Object.assign(object, withValue(object, target.descriptor.scale!.spec, replicas))
}
