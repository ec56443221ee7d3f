import type { StorageClass } from '#types/storage.k8s.io/v1'

/**
 * The class that claims get which name none: directories of the volume that all nodes share. It binds at once, as every node has it,
 * and grows, as sizes are noted only.
 */
export function storageClasses(): Array<Omit<StorageClass, 'metadata'> & { metadata: { name: string } }> {
  return [
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: {
        name: 'standard',
        annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
      } as { name: string },
      provisioner: 'drydock.dev/shared',
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'Immediate',
      allowVolumeExpansion: true,
    },
  ]
}
