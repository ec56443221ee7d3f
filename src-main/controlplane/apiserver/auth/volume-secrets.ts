interface SecretRef {
  name?: string | undefined
  namespace?: string | undefined
}

/** Fields of volume sources that name secrets, by source (kubernetes.io, "Volumes", "Persistent Volumes"). */
const secretFields: Record<string, readonly string[]> = {
  cephfs: ['secretRef'],
  cinder: ['secretRef'],
  csi: [
    'nodePublishSecretRef',
    'nodeStageSecretRef',
    'controllerPublishSecretRef',
    'controllerExpandSecretRef',
    'nodeExpandSecretRef',
  ],
  flexVolume: ['secretRef'],
  iscsi: ['secretRef'],
  rbd: ['secretRef'],
  scaleIO: ['secretRef'],
  storageos: ['secretRef'],
}

/** `secrets/<namespace>/<name>` of every secret that a volume of a pod or a persistent volume needs to be mounted. */
export function volumeSecrets(source: object, namespace: string): string[] {
  const found: string[] = []
  const sources = source as Record<string, Record<string, SecretRef | string | undefined> | undefined>
  for (const kind in secretFields) {
    const fields = sources[kind]
    if (!fields) continue
    for (const field of secretFields[kind]!) {
      const ref = fields[field] as SecretRef | undefined
      if (ref?.name) found.push(`secrets/${ref.namespace || namespace}/${ref.name}`)
    }
  }
  const azure = sources['azureFile']
  if (typeof azure?.['secretName'] === 'string') {
    const own = azure['secretNamespace']
    found.push(`secrets/${typeof own === 'string' && own ? own : namespace}/${azure['secretName']}`)
  }
  return found
}
