import type { ReplicaSet, StatefulSet } from '#types/apps/v1'
import type { ReplicationController, Service } from '#types/core/v1'
import type { LabelSelector } from '#types/meta/v1'
import { byNamespace } from '../../../src-kube/client/indexer.ts'
import type { Informer } from '../../../src-kube/client/informer.ts'
import type { InformerFactory } from '../../../src-kube/client/informer-factory.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import { labelSelectorMatcher, type LabelMatcher } from '../../../src-kube/machinery/labels.ts'
import { controllerOf } from '../../../src-kube/machinery/meta.ts'
import type { PodInfo } from './framework/pod-info.ts'

/** Selectors made ready once an object: the informers give another object when one changes. */
const matchers = new WeakMap<object, LabelMatcher>()

function matcherOf(owner: object, selector: () => LabelSelector | undefined): LabelMatcher {
  let matcher = matchers.get(owner)
  if (!matcher) matchers.set(owner, (matcher = labelSelectorMatcher(selector())))
  return matcher
}

/** What a pod's services and its controller select by: pods to be spread by default are those that these have in common. */
export class OwningSelectors {
  readonly #services: Informer<Service>
  readonly #controllers: { ReplicaSet: Informer<ReplicaSet>; StatefulSet: Informer<StatefulSet> }
  readonly #replicationControllers: Informer<ReplicationController>

  constructor(informers: InformerFactory) {
    this.#services = informers.informer(refs.services)
    this.#services.addIndex(byNamespace.name, byNamespace.of)
    this.#controllers = {
      ReplicaSet: informers.informer(refs.replicaSets),
      StatefulSet: informers.informer(refs.statefulSets),
    }
    this.#replicationControllers = informers.informer(refs.replicationControllers)
  }

  of(pod: PodInfo): LabelMatcher[] {
    const found: LabelMatcher[] = []
    for (const service of this.#services.list(pod.namespace)) {
      const { selector } = service.spec ?? {}
      if (!selector || Object.keys(selector).length === 0) continue
      const matcher = matcherOf(service, () => ({ matchLabels: selector }))
      if (matcher.matches(pod.labels)) found.push(matcher)
    }
    const own = this.#ofController(pod)
    if (own) found.push(own)
    return found
  }

  #ofController(pod: PodInfo): LabelMatcher | undefined {
    const owner = controllerOf(pod.pod)
    if (!owner) return undefined
    const key = `${pod.namespace}/${owner.name}`
    if (owner.kind === 'ReplicaSet' || owner.kind === 'StatefulSet') {
      const found = this.#controllers[owner.kind].get(key)
      return found && matcherOf(found, () => found.spec.selector)
    }
    const found = owner.kind === 'ReplicationController' ? this.#replicationControllers.get(key) : undefined
    return found && matcherOf(found, () => ({ matchLabels: found.spec?.selector ?? {} }))
  }
}
