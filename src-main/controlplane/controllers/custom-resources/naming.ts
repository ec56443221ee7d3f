import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import { type AnyController, defineController, done, watching } from '../../../../src-kube/runtime/controller.ts'
import { equal } from '../equal.ts'
import { approvalCondition } from './approval.ts'
import { withCondition } from '../conditions.ts'
import type { Condition } from './conditions.ts'
import { acceptNames, established, namesTaken } from './names.ts'
import { structureCondition } from './structure.ts'

type Status = NonNullable<CustomResourceDefinition['status']>

/**
 * Accepts the names of definitions and establishes them, and says of each whether its schemas are structural and its group approved: from then on
 * the API server serves what they define.
 */
export function customResourceNaming(): AnyController {
  return defineController<CustomResourceDefinition>({
    name: 'crd-naming',
    for: refs.customResourceDefinitions,
    // One after the other: two that want the same name must not both find it free.
    workers: 1,
    watches: [
      // Names that become free may be what another waits for.
      watching(refs.customResourceDefinitions, ({ metadata, spec }, ctx) =>
        ctx
          .informer(refs.customResourceDefinitions)
          .list()
          .filter((other) => other.spec.group === spec.group && other.metadata.name !== metadata.name)
          .filter((other) => other.status?.conditions?.some((c) => c.type === 'NamesAccepted' && c.status === 'False'))
          .map((other) => other.metadata.name),
      ),
    ],
    async reconcile(ctx, crd) {
      const definitions = ctx.client.resource(refs.customResourceDefinitions)
      // The informer may not have seen yet what this controller accepted last.
      const { items } = await definitions.list()
      const current = items.find(({ metadata }) => metadata.name === crd.metadata.name)
      if (!current) return done
      const status = statusOf(current, items, formatTime(ctx.clock.now()))
      if (!equal(current.status, status)) await definitions.updateStatus({ ...current, status })
      return done
    },
  })
}

function statusOf(crd: CustomResourceDefinition, all: readonly CustomResourceDefinition[], time: string): Status {
  const { acceptedNames, condition } = acceptNames(crd, namesTaken(crd, all))
  let conditions: Condition[] = withCondition(crd.status?.conditions ?? [], condition, time)
  conditions = established(crd, conditions, condition.status === 'True', time)
  for (const [type, draft] of [
    ['NonStructuralSchema', structureCondition(crd)],
    ['KubernetesAPIApprovalPolicyConformant', approvalCondition(crd)],
  ] as const) {
    if (draft) conditions = withCondition(conditions, { type, ...draft }, time)
    else conditions = conditions.filter((one) => one.type !== type)
  }
  return observed(crd, { ...crd.status, acceptedNames, conditions })
}

const own = new Set(['NamesAccepted', 'Established', 'NonStructuralSchema', 'KubernetesAPIApprovalPolicyConformant'])

/** The status, and each condition that this controller keeps, with the generation it is of (`CRDObservedGenerationTracking`). */
function observed({ metadata }: CustomResourceDefinition, status: Status): Status {
  const observedGeneration = metadata.generation
  if (observedGeneration === undefined) return status
  const conditions = status.conditions?.map((one) => (own.has(one.type) ? { ...one, observedGeneration } : one))
  return { ...status, ...(conditions ? { conditions } : {}), observedGeneration }
}
