import type { InformerFactory } from '../../../src-kube/client/informer-factory.ts'
import { classOf } from '../../../src-kube/kinds/storage/matching.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import type { Lookups } from './framework/snapshot.ts'
import { OwningSelectors } from './owning-selectors.ts'

const byClass = 'class'
const byNode = 'node'
/** Lookups from informers. */
export function informerLookups(informers: InformerFactory): Lookups {
  const namespaces = informers.informer(refs.namespaces)
  const claims = informers.informer(refs.persistentVolumeClaims)
  const volumes = informers.informer(refs.persistentVolumes)
  volumes.addIndex(byClass, (volume) => [classOf(volume)])
  const classes = informers.informer(refs.storageClasses)
  const csiDrivers = informers.informer(refs.csiDrivers)
  const capacities = informers.informer(refs.csiStorageCapacities)
  const csiNodes = informers.informer(refs.csiNodes)
  const attachments = informers.informer(refs.volumeAttachments)
  attachments.addIndex(byNode, ({ spec }) => [spec.nodeName])
  const resourceClaims = informers.informer(refs.resourceClaims)
  const resourceSlices = informers.informer(refs.resourceSlices)
  const deviceClasses = informers.informer(refs.deviceClasses)
  const budgets = informers.informer(refs.podDisruptionBudgets)
  const owners = new OwningSelectors(informers)
  return {
    namespaceLabels: (name) => namespaces.get(name)?.metadata.labels,
    claim: (key) => claims.get(key),
    volume: (name) => volumes.get(name),
    volumesOfClass: (name) => volumes.byIndex(byClass, name),
    storageClass: (name) => classes.get(name),
    csiDriver: (name) => csiDrivers.get(name),
    storageCapacities: () => capacities.list(),
    csiNode: (name) => csiNodes.get(name),
    attachments: (nodeName) => attachments.byIndex(byNode, nodeName),
    resourceClaim: (key) => resourceClaims.get(key),
    resourceClaims: () => resourceClaims.list(),
    resourceSlices: () => resourceSlices.list(),
    deviceClass: (name) => deviceClasses.get(name),
    budgets: (namespace) => budgets.list(namespace),
    owningSelectors: (pod) => owners.of(pod),
  }
}
