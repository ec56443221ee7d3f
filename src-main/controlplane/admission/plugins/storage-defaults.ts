import type { PersistentVolumeClaim } from '#types/core/v1'
import type { Ingress, IngressClass } from '#types/networking.k8s.io/v1'
import type { StorageClass } from '#types/storage.k8s.io/v1'
import { forbidden } from '../../../../src-kube/machinery/errors.ts'
import { compareQuantities } from '../../../../src-kube/machinery/quantity.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { AdmissionPlugin, ObjectReader } from '../admission.ts'
import { refusalName } from '../refusal-name.ts'

const storage = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class']
const ingress = ['ingressclass.kubernetes.io/is-default-class']

const isDefault = ({ metadata }: KubeObject, keys: readonly string[]): boolean =>
  keys.some((key) => metadata.annotations?.[key] === 'true')

/** The newest first, of the same age by name. */
const byAge = (a: KubeObject, b: KubeObject): number => {
  const [left, right] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '']
  if (left !== right) return left > right ? -1 : 1
  return a.metadata.name < b.metadata.name ? -1 : 1
}

/** A claim that names no class gets the default one, the newest of several (kubernetes.io, "Default StorageClass"). */
export function defaultStorageClass(read: ObjectReader): AdmissionPlugin {
  return {
    name: 'DefaultStorageClass',
    resources: ['persistentvolumeclaims'],
    handles: ({ operation, subresource }) => operation === 'CREATE' && subresource === '',
    async admit({ object }) {
      const { spec, metadata } = object as PersistentVolumeClaim
      const named = metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined
      if (!spec || named || spec.storageClassName !== undefined) return
      const classes = await read.list('storage.k8s.io', 'storageclasses')
      const found = classes.filter((one) => isDefault(one, storage)).toSorted(byAge)[0]
      if (found) spec.storageClassName = found.metadata.name
    },
  }
}

/** The same for Ingresses, of which only one class may be the default (kubernetes.io, "Ingress: Default IngressClass"). */
export function defaultIngressClass(read: ObjectReader): AdmissionPlugin {
  return {
    name: 'DefaultIngressClass',
    resources: ['ingresses.networking.k8s.io'],
    handles: ({ operation, subresource }) => operation === 'CREATE' && subresource === '',
    async admit(attributes) {
      const { spec, metadata } = attributes.object as Ingress
      if (!spec || spec.ingressClassName !== undefined) return
      if (metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined) return
      const classes = await read.list('networking.k8s.io', 'ingressclasses')
      const found = classes.filter((one) => isDefault(one, ingress)).toSorted(byAge) as IngressClass[]
      if (found.length > 1)
        throw forbidden(
          { group: 'networking.k8s.io', resource: 'ingresses' },
          refusalName(attributes),
          `${found.length} default IngressClasses were found, only 1 allowed`,
        )
      if (found[0]) spec.ingressClassName = found[0].metadata.name
    },
  }
}

/** Only bound claims of a class that allows it grow (kubernetes.io, "Expanding Persistent Volumes Claims"). */
export function claimResize(read: ObjectReader): AdmissionPlugin {
  return {
    name: 'PersistentVolumeClaimResize',
    resources: ['persistentvolumeclaims'],
    handles: ({ operation, subresource }) => operation === 'UPDATE' && subresource === '',
    async validate(attributes) {
      const { object, oldObject } = attributes
      const now = object as PersistentVolumeClaim
      const before = oldObject as PersistentVolumeClaim
      if (compareQuantities(storageOf(now), storageOf(before)) <= 0) return
      const refuse = (words: string): never => {
        throw forbidden({ group: '', resource: 'persistentvolumeclaims' }, refusalName(attributes), words)
      }
      if (before.status?.phase !== 'Bound') refuse('Only bound persistent volume claims can be expanded')
      const wanted = before.spec?.storageClassName ?? ''
      const found = (await read.get('storage.k8s.io', 'storageclasses', '', wanted)) as StorageClass | undefined
      if (!wanted || found?.allowVolumeExpansion !== true)
        refuse(
          'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
        )
    },
  }
}

const storageOf = ({ spec }: PersistentVolumeClaim): string =>
  (spec?.resources?.requests as Record<string, string> | undefined)?.['storage'] ?? '0'
