import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { arrange } from './arrange.ts'

/** Who owns fields of an object, and how they came to: `kubectl Apply`, `kubelet Update status`. */
export const managersOf = ({ object }: { object: KubeObject }) =>
  object.metadata.managedFields?.map(
    ({ manager, operation, subresource }) => `${manager} ${operation}${subresource ? ` ${subresource}` : ''}`,
  )

/** A registry, and writes by a manager of a name. */
export async function arrangeManagers() {
  const { registry, write, clock, store } = await arrange()
  const by = (fieldManager: string, more: object = {}) => ({ ...write, fieldManager, ...more })
  return { registry, write, clock, store, by }
}
