import type { Pod } from '#types/core/v1'
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '#types/policy/v1'
import { byNamespace } from '../../../../src-kube/client/indexer.ts'
import { refs } from '../../../../src-kube/client/refs.ts'
import { labelSelectorMatcher } from '../../../../src-kube/machinery/labels.ts'
import { objectKey } from '../../../../src-kube/machinery/meta.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  watching,
} from '../../../../src-kube/runtime/controller.ts'
import { equal } from '../equal.ts'
import type { ResourceSource } from '../discovery.ts'
import { failSafe, needsScale, planBudget } from './plan.ts'
import { scaleOf } from './scale.ts'

const selects = (budget: PodDisruptionBudget, pod: Pod): boolean =>
  labelSelectorMatcher(budget.spec.selector).matches(pod.metadata.labels)

/** Keeps the status of disruption budgets, which evictions and preemption ask ("Disruptions" in the Kubernetes documentation). */
export function disruptionBudgetController(resources: Pick<ResourceSource, 'find'>): AnyController {
  return defineController<PodDisruptionBudget>({
    name: 'disruption-controller',
    component: 'controllermanager',
    for: refs.podDisruptionBudgets,
    watches: [
      watching(refs.pods, (pod, ctx, old) => {
        const budgets = ctx.informer(refs.podDisruptionBudgets).list(pod.metadata.namespace)
        if (pod.status?.phase !== old?.status?.phase) tellSeveral(ctx, pod, budgets)
        return budgets.filter((budget) => selects(budget, pod) || (old && selects(budget, old))).map(objectKey)
      }),
    ],
    setup(ctx) {
      ctx.informer(refs.deployments)
      ctx.informer(refs.replicaSets)
      ctx.informer(refs.statefulSets)
      ctx.informer(refs.replicationControllers)
      ctx.informer(refs.podDisruptionBudgets).addIndex(byNamespace.name, byNamespace.of)
      ctx.informer(refs.pods).addIndex(byNamespace.name, byNamespace.of)
    },
    async reconcile(ctx, budget) {
      const pods = ctx.informer(refs.pods).list(budget.metadata.namespace)
      const mine = pods.filter((pod) => selects(budget, pod))
      const scale = needsScale(budget) ? await scaleOf(ctx, resources, mine) : { count: 0, unmanaged: 0 }
      if ('error' in scale) {
        await write(ctx, budget, failSafe(budget, scale.error, ctx.clock.now()), () => {
          const words = `Failed to calculate the number of expected pods: ${scale.error}`
          ctx.events.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', words)
        })
        return done
      }
      const { status, notDeleted, wait } = planBudget(budget, mine, scale.count, ctx.clock.now())
      await write(ctx, budget, status, () => {
        if (mine.length === 0) ctx.events.event(budget, 'Normal', 'NoPods', 'No matching pods found')
        if (scale.unmanaged > 0) ctx.events.event(budget, 'Warning', 'UnmanagedPods', unmanagedWords(budget))
        const words = `Pod was expected by PDB ${objectKey(budget)} to be deleted but it wasn't`
        for (const pod of notDeleted) ctx.events.event(pod, 'Warning', 'NotDeleted', words)
      })
      return wait === undefined ? done : requeueAfter(wait)
    },
  })
}

/** Writes a status when it differs, and tells what is to be told then: once a change. */
async function write(
  ctx: ControllerContext,
  budget: PodDisruptionBudget,
  status: PodDisruptionBudgetStatus,
  tell: () => void,
): Promise<void> {
  if (equal(status, budget.status ?? {})) return
  await ctx.client.resource(refs.podDisruptionBudgets).updateStatus({ ...budget, status })
  tell()
}

/** Says of a pod, once a phase, that evictions refuse it. */
function tellSeveral(ctx: ControllerContext, pod: Pod, budgets: readonly PodDisruptionBudget[]): void {
  const mine = budgets.filter((budget) => selects(budget, pod))
  if (mine.length < 2) return
  const { namespace, name } = pod.metadata
  const words = `Pod "${namespace}"/"${name}" matches multiple PodDisruptionBudgets.  Chose "${mine[0]!.metadata.name}" arbitrarily.`
  ctx.events.event(pod, 'Warning', 'MultiplePodDisruptionBudgets', words)
}

const unmanagedWords = ({ spec }: PodDisruptionBudget): string =>
  `Pods selected by this PodDisruptionBudget (selector: ${labelSelectorMatcher(spec.selector).toString()}) were found to be unmanaged. As a ` +
  'result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods ' +
  'please set ".spec.minAvailable" field of the PDB to an integer value.'
