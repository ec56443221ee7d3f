import type { ReplicaSet } from '#types/apps/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import type { TypedRef } from '../../../src-kube/client/typed-client.ts'
import { labelSelectorMatcher } from '../../../src-kube/machinery/labels.ts'
import type { AnyController } from '../../../src-kube/runtime/controller.ts'
import { replicaController } from './replica-controller.ts'

/** See {@link replicaController}. */
export function replicaSetController(): AnyController {
  return replicaController({
    name: 'replicaset-controller',
    ref: refs.replicaSets,
    matcher: ({ spec }) => {
      const matcher = labelSelectorMatcher(spec.selector)
      return (labels) => matcher.matches(labels ?? {})
    },
  })
}

/** Replication controllers differ from replica sets in their selector only: a plain map of labels. */
export function replicationController(): AnyController {
  return replicaController({
    name: 'replication-controller',
    ref: refs.replicationControllers as TypedRef<ReplicaSet>,
    matcher: ({ spec }) => {
      const selector = Object.entries((spec.selector ?? {}) as Record<string, string>)
      return (labels) => selector.length > 0 && selector.every(([key, value]) => labels?.[key] === value)
    },
  })
}
