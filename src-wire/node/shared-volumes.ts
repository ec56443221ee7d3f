/** Where every node mounts the volume that all nodes of a cluster share. */
export const SHARED_VOLUMES = '/var/lib/drydock/volumes'

/** The provisioner of the class `standard`: a directory of {@link SHARED_VOLUMES} for each volume, named after it. */
export const SHARED_PROVISIONER = 'drydock.dev/shared'

/** Whether a volume's name is one that the provisioner gives: `pvc-` and the claim's uid. */
export const isSharedVolumeName = (name: string): boolean => /^pvc-[a-z0-9-]+$/.test(name)
