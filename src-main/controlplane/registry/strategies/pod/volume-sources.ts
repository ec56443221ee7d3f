import type { NFSVolumeSource, Volume } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1123Subdomain } from '../../../../../src-kube/machinery/names.ts'

/** What each kind of disk and share asks for at least. Upstream calls one of them by another name in its refusals. */
const required: Record<string, { name?: string; fields: readonly string[] }> = {
  gitRepo: { fields: ['repository'] },
  gcePersistentDisk: { name: 'persistentDisk', fields: ['pdName'] },
  awsElasticBlockStore: { fields: ['volumeID'] },
  iscsi: { fields: ['targetPortal', 'iqn'] },
  glusterfs: { fields: ['endpoints', 'path'] },
  rbd: { fields: ['monitors', 'image'] },
  cinder: { fields: ['volumeID'] },
  cephfs: { fields: ['monitors'] },
  flexVolume: { fields: ['driver'] },
  azureFile: { fields: ['secretName', 'shareName'] },
  vsphereVolume: { fields: ['volumePath'] },
  photonPersistentDisk: { fields: ['pdID'] },
  portworxVolume: { fields: ['volumeID'] },
  azureDisk: { fields: ['diskName', 'diskURI'] },
  scaleIO: { fields: ['gateway', 'system', 'volumeName'] },
  csi: { fields: ['driver'] },
}

/** Kinds of sources, in the order in which upstream looks for them: the first is a volume's, any other is one too many. */
const order = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flocker',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
]

/** The same kinds of sources, sorted in place as upstream looks for them. */
export const inOrder = (kinds: string[]): string[] =>
  kinds.length < 2 ? kinds : kinds.sort((a, b) => order.indexOf(a) - order.indexOf(b))

type Source = Record<string, unknown>

/**
 * Sources that Drydock's nodes have no driver for, and CSI: a pod or a volume that names one is checked as upstream checks it (reference:
 * `validateVolumeSource`), so that manifests for other clusters are refused for the same reasons.
 */
export function validateForeignSource(volume: Partial<Volume> | Source, path: FieldPath, errors: FieldError[]): void {
  for (const kind in volume) {
    const known = required[kind]
    const source = (volume as Source)[kind] as Source | undefined
    if (!known || !source) continue
    const at = path.child(known.name ?? kind)
    for (const field of known.fields) {
      const value = source[field]
      if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0))
        errors.push(at.child(field).required())
    }
    validateNumbers(source, kind, at, errors)
  }
  const { fc } = volume as Partial<Volume>
  if (fc && !fc.targetWWNs?.length === !fc.wwids?.length)
    errors.push(path.child('fc', 'targetWWNs').required('must specify either targetWWNs or wwids, but not both'))
}

/** A share of NFS, of a pod or a volume: a server and an absolute path. */
export function validateNfs({ server, path: place }: Partial<NFSVolumeSource>, path: FieldPath): FieldError[] {
  const errors = server ? [] : [path.child('server').required()]
  if (!place) errors.push(path.child('path').required())
  if (!place?.startsWith('/')) errors.push(path.child('path').invalid(place ?? '', 'must be an absolute path'))
  return errors
}

function validateNumbers(source: Source, kind: string, path: FieldPath, errors: FieldError[]): void {
  const { partition, lun, iqn, driver = '' } = source
  if (typeof partition === 'number' && (partition < 0 || partition > 255))
    errors.push(path.child('partition').invalid(partition, 'must be between 1 and 255, inclusive'))
  if (kind === 'iscsi' && typeof lun === 'number' && (lun < 0 || lun > 255))
    errors.push(path.child('lun').invalid(lun, 'must be between 0 and 255, inclusive'))
  if (kind === 'iscsi' && typeof iqn === 'string' && iqn !== '' && !/^(iqn|eui|naa)/.test(iqn))
    errors.push(path.child('iqn').invalid(iqn, 'must be valid format starting with iqn, eui, or naa'))
  if (kind === 'csi')
    for (const word of isDns1123Subdomain((driver as string).toLowerCase()))
      errors.push(path.child('driver').invalid(driver, word))
}
