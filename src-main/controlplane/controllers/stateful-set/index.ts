import type { StatefulSet } from '#types/apps/v1'
import type { PersistentVolumeClaim, Pod } from '#types/core/v1'
import { byController, byNamespace } from '../../../../src-kube/client/indexer.ts'
import { refs } from '../../../../src-kube/client/refs.ts'
import { labelSelectorMatcher } from '../../../../src-kube/machinery/labels.ts'
import { controllerOf, objectKey } from '../../../../src-kube/machinery/meta.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  watching,
} from '../../../../src-kube/runtime/controller.ts'
import { claim } from '../claim.ts'
import { FailureBackoff } from '../failure-backoff.ts'
import { syncRevisions, truncateHistory } from '../revisions/revisions.ts'
import { carryOut } from './carry-out.ts'
import { ordinalOf, revisionOfPod } from './identity.ts'
import { planStatefulSet, type StatefulPlan, untilAvailable } from './plan.ts'
import { type Counted, isSameStatus, statefulSetStatus } from './status.ts'

/** Milliseconds until what could not be done yet is tried again. */
const RETRY = 1000

/** Milliseconds that a pod which fails again and again is left as it is at most, like a container that crashes. */
const LONGEST_PAUSE = 5 * 60_000

/**
 * Keeps pods with names, storage and an order of their own ("StatefulSets" in the Kubernetes documentation). Names are fixed, so a pod
 * cannot be made twice and no expectations are needed.
 */
export function statefulSetController(): AnyController {
  let backoff: FailureBackoff
  return defineController<StatefulSet>({
    name: 'statefulset-controller',
    for: refs.statefulSets,
    owns: [refs.pods],
    watches: [
      watching(refs.pods, (pod, ctx) => (controllerOf(pod) ? [] : setsMatching(ctx, pod))),
      watching(refs.persistentVolumeClaims, (claim, ctx) => setsMissing(ctx, claim)),
    ],
    setup(ctx) {
      backoff = new FailureBackoff({ clock: ctx.clock, most: LONGEST_PAUSE, placeOf: ({ metadata }) => metadata.name })
      ctx.informer(refs.pods).addIndex(byController.name, byController.of)
      ctx.informer(refs.statefulSets).addIndex(byNamespace.name, byNamespace.of)
      ctx.informer(refs.controllerRevisions).addIndex(byController.name, byController.of)
    },
    async gone(_ctx, key) {
      backoff.forget(key)
    },
    async reconcile(ctx, set, key) {
      const matches = matcherOf(set)
      const claimed = await claim(ctx, {
        owner: set,
        ownerRef: refs.statefulSets,
        ref: refs.pods,
        matches,
        adoptable: (pod) => ordinalOf(set, pod) !== undefined,
      })
      const pods = claimed.filter((pod) => ordinalOf(set, pod) !== undefined)
      // Its revisions are being orphaned or deleted with it: none is missing.
      if (set.metadata.deletionTimestamp) return done
      const { all, update, collisionCount } = await syncRevisions(ctx, set, refs.statefulSets)
      const current = all.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update
      const names = { current: current.metadata.name, update: update.metadata.name }
      let isComplete = true
      let failure: unknown
      const plan = planStatefulSet(set, pods, names, ctx.clock.now())
      const { admitted, wait } = admit(backoff, { key, set, plan })
      try {
        isComplete = await carryOut(ctx, set, admitted, { current, update })
      } catch (error) {
        failure = error
      }
      await writeStatus(ctx, set, { pods, names, collisionCount, now: ctx.clock.now() })
      if (failure !== undefined) throw failure
      await truncateHistory(ctx, set, all, new Set([names.current, names.update, ...pods.map(revisionOfPod)]))
      return again(ctx, set, pods, Math.min(wait, isComplete ? Infinity : RETRY))
    },
  })
}

function matcherOf({ spec }: StatefulSet): (labels: Record<string, string> | undefined) => boolean {
  const matcher = labelSelectorMatcher(spec.selector)
  return (labels) => matcher.matches(labels ?? {})
}

function setsMatching(ctx: ControllerContext, pod: Pod): string[] {
  const sets = ctx.informer(refs.statefulSets).list(pod.metadata.namespace)
  return sets.filter((set) => matcherOf(set)(pod.metadata.labels)).map(objectKey)
}

/** Sets that had made a claim which is gone: a pod that waits for it gets another. */
function setsMissing(ctx: ControllerContext, claim: PersistentVolumeClaim): string[] {
  if (ctx.informer(refs.persistentVolumeClaims).get(objectKey(claim))) return []
  const { name, namespace } = claim.metadata
  const made = ({ metadata, spec }: StatefulSet) =>
    spec.volumeClaimTemplates?.some((template) => name.startsWith(`${template.metadata.name}-${metadata.name}-`))
  return ctx.informer(refs.statefulSets).list(namespace).filter(made).map(objectKey)
}

/** The plan without the pods that have failed again and again and must not come back yet, and the milliseconds until one may. */
function admit(
  backoff: FailureBackoff,
  { key, set, plan }: { key: string; set: StatefulSet; plan: StatefulPlan },
): { admitted: StatefulPlan; wait: number } {
  const returning = plan.remove.filter((pod) => !plan.condemned.includes(pod))
  const { remove, wait = Infinity } = backoff.admit(key, set, returning)
  return { admitted: { ...plan, remove: [...plan.condemned, ...remove] }, wait }
}

async function writeStatus(ctx: ControllerContext, set: StatefulSet, counted: Counted): Promise<void> {
  const status = statefulSetStatus(set, counted)
  if (!isSameStatus(set, status)) await ctx.client.resource(refs.statefulSets).updateStatus({ ...set, status })
}

/** When a pod becomes available, or after `wait` milliseconds when something could not be done yet. */
function again(ctx: ControllerContext, set: StatefulSet, pods: readonly Pod[], wait: number) {
  const waits = pods.map((pod) => untilAvailable(set, pod, ctx.clock.now())).filter((left) => left !== undefined)
  const next = Math.min(...waits.filter((left) => left > 0).map((left) => left + 1), wait)
  return next === Infinity ? done : requeueAfter(next)
}
