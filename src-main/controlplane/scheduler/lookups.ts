import type { LabelSelector } from '#types/meta/v1'
import type { InformerFactory } from '../../../src-kube/client/informer-factory.ts'
import { byNamespace } from '../../../src-kube/client/indexer.ts'
import { classOf } from '../../../src-kube/kinds/storage/matching.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import { labelSelectorMatcher, type LabelMatcher } from '../../../src-kube/machinery/labels.ts'
import { controllerOf } from '../../../src-kube/machinery/meta.ts'
import type { PodInfo } from './framework/pod-info.ts'
import type { Lookups } from './framework/snapshot.ts'

const byClass = 'class'
const byNode = 'node'
const matchers = new WeakMap<object, LabelMatcher>()

function matcherOf(owner: object, selector: () => LabelSelector | undefined): LabelMatcher {
  let matcher = matchers.get(owner)
  if (!matcher) matchers.set(owner, (matcher = labelSelectorMatcher(selector())))
  return matcher
}

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
  const services = informers.informer(refs.services)
  services.addIndex(byNamespace.name, byNamespace.of)
  const budgets = informers.informer(refs.podDisruptionBudgets)
  const controllers = {
    ReplicaSet: informers.informer(refs.replicaSets),
    StatefulSet: informers.informer(refs.statefulSets),
  }
  const replicationControllers = informers.informer(refs.replicationControllers)

  const ofController = (pod: PodInfo): LabelMatcher | undefined => {
    const owner = controllerOf(pod.pod)
    if (!owner) return undefined
    const key = `${pod.namespace}/${owner.name}`
    if (owner.kind === 'ReplicaSet' || owner.kind === 'StatefulSet') {
      const found = controllers[owner.kind].get(key)
      return found && matcherOf(found, () => found.spec.selector)
    }
    const found = owner.kind === 'ReplicationController' ? replicationControllers.get(key) : undefined
    return found && matcherOf(found, () => ({ matchLabels: found.spec?.selector ?? {} }))
  }
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
    owningSelectors(pod) {
      const found: LabelMatcher[] = []
      for (const service of services.list(pod.namespace)) {
        const { selector } = service.spec ?? {}
        if (!selector || Object.keys(selector).length === 0) continue
        const matcher = matcherOf(service, () => ({ matchLabels: selector }))
        if (matcher.matches(pod.labels)) found.push(matcher)
      }
      const own = ofController(pod)
      if (own) found.push(own)
      return found
    },
  }
}
