import type { KindDescriptor } from '../../../../src-kube/kinds/descriptor.ts'
import { age, ageColumn, integer, nameColumn } from '../../../../src-kube/kinds/cells.ts'

/** The table of a `Scale`, of whatever kind it is: `kubectl get --subresource=scale` (KEP-2590). */
export const scaleTable: Pick<KindDescriptor, 'columns' | 'row'> = {
  columns: [nameColumn, integer('Desired'), integer('Available'), ageColumn],
  row: (object, now) => {
    const { spec, status } = object as { spec?: { replicas?: number }; status?: { replicas?: number } }
    return [object.metadata.name, spec?.replicas ?? 0, status?.replicas ?? 0, age(object, now)]
  },
}
