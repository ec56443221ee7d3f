import { qualifiedResource } from '../../../../src-kube/machinery/gvk.ts'
import type { AdmissionPlugin } from '../admission.ts'

/** By the resources that they are put on. */
const finalizers: Record<string, string> = {
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  persistentvolumes: 'kubernetes.io/pv-protection',
  'volumeattributesclasses.storage.k8s.io': 'kubernetes.io/vac-protection',
}

/** Claims, volumes and classes of their attributes are born protected: their controllers let them go when nobody uses them ("Storage Object in Use Protection"). */
export function storageObjectInUseProtection(): AdmissionPlugin {
  return {
    name: 'StorageObjectInUseProtection',
    resources: Object.keys(finalizers),
    handles: ({ operation, subresource }) => operation === 'CREATE' && subresource === '',
    admit({ object, descriptor }) {
      const { group, plural } = descriptor
      const finalizer = finalizers[qualifiedResource(group, plural)]
      if (!object || !finalizer || object.metadata.finalizers?.includes(finalizer)) return
      object.metadata.finalizers = [...(object.metadata.finalizers ?? []), finalizer]
    },
  }
}
