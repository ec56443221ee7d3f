import type { DeviceClass } from '#types/resource.k8s.io/v1'
import type { InformerFactory } from '../../../src-kube/client/informer-factory.ts'
import { classOf } from '../../../src-kube/kinds/storage/matching.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import type { Lookups } from './framework/snapshot.ts'
import { OwningSelectors } from './owning-selectors.ts'

const BY_CLASS = 'class'
const BY_NODE = 'node'
const BY_EXTENDED_RESOURCE = 'extended resource'
/** Before the name of a class: what its devices are called as an extended resource in any case. */
const CLASS_PREFIX = 'deviceclass.resource.kubernetes.io/'

/** Of classes with one extended resource the newest counts, of those of one time the first by name (DeviceClass, `extendedResourceName`). */
function newerFirst({ metadata: a }: DeviceClass, { metadata: b }: DeviceClass): number {
  const [first, second] = [a.creationTimestamp ?? '', b.creationTimestamp ?? '']
  return first === second ? (a.name < b.name ? -1 : 1) : first < second ? 1 : -1
}

/** Lookups from informers. */
export function informerLookups(informers: InformerFactory): Lookups {
  const namespaces = informers.informer(refs.namespaces)
  const claims = informers.informer(refs.persistentVolumeClaims)
  const volumes = informers.informer(refs.persistentVolumes)
  volumes.addIndex(BY_CLASS, (volume) => [classOf(volume)])
  const classes = informers.informer(refs.storageClasses)
  const csiDrivers = informers.informer(refs.csiDrivers)
  const capacities = informers.informer(refs.csiStorageCapacities)
  const csiNodes = informers.informer(refs.csiNodes)
  const attachments = informers.informer(refs.volumeAttachments)
  attachments.addIndex(BY_NODE, ({ spec }) => [spec.nodeName])
  const resourceClaims = informers.informer(refs.resourceClaims)
  const resourceSlices = informers.informer(refs.resourceSlices)
  const deviceClasses = informers.informer(refs.deviceClasses)
  deviceClasses.addIndex(BY_EXTENDED_RESOURCE, ({ spec }) =>
    spec.extendedResourceName ? [spec.extendedResourceName] : [],
  )
  const budgets = informers.informer(refs.podDisruptionBudgets)
  const owners = new OwningSelectors(informers)
  return {
    namespaceLabels: (name) => namespaces.get(name)?.metadata.labels,
    claim: (key) => claims.get(key),
    volume: (name) => volumes.get(name),
    volumesOfClass: (name) => volumes.byIndex(BY_CLASS, name),
    storageClass: (name) => classes.get(name),
    csiDriver: (name) => csiDrivers.get(name),
    storageCapacities: () => capacities.list(),
    csiNode: (name) => csiNodes.get(name),
    attachments: (nodeName) => attachments.byIndex(BY_NODE, nodeName),
    resourceClaim: (key) => resourceClaims.get(key),
    resourceClaims: () => resourceClaims.list(),
    claimsRevision: () => Number(resourceClaims.resourceVersion),
    resourceSlices: () => resourceSlices.list(),
    deviceClass: (name) => deviceClasses.get(name),
    classOfResource(name) {
      if (name.startsWith(CLASS_PREFIX)) return deviceClasses.get(name.slice(CLASS_PREFIX.length))
      return deviceClasses.byIndex(BY_EXTENDED_RESOURCE, name).toSorted(newerFirst)[0]
    },
    budgets: (namespace) => budgets.list(namespace),
    owningSelectors: (pod) => owners.of(pod),
  }
}
