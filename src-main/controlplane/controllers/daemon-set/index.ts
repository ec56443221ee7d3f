import type { ControllerRevision, DaemonSet, DaemonSetStatus } from '#types/apps/v1'
import type { Node, Pod } from '#types/core/v1'
import { byController } from '../../../../src-kube/client/indexer.ts'
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
import { equal } from '../equal.ts'
import { Expectations } from '../expectations.ts'
import { FailureBackoff } from '../failure-backoff.ts'
import { isPodReady } from '../pods.ts'
import { POD_REVISION_LABEL } from '../revisions/history.ts'
import { syncRevisions, truncateHistory } from '../revisions/revisions.ts'
import { carryOut } from './carry-out.ts'
import { planDaemons } from './plan.ts'
import { daemonSetStatus } from './status.ts'

/** Milliseconds until pods are counted again that become available by the passing of time. */
const RETRY = 2_000

/** Milliseconds that a node which refuses its daemon is left alone at most, as by upstream's controller. */
const LONGEST_PAUSE = 15 * 60_000

/** What of a node decides whether daemons run on it. */
const facts = (node: Node) => [node.metadata.labels, node.spec?.taints, node.spec?.unschedulable]

const allOnNodeChange = watching(refs.nodes, (node, ctx, old) =>
  old && equal(facts(node), facts(old)) ? [] : ctx.informer(refs.daemonSets).list().map(objectKey),
)

/**
 * Keeps one pod of a template on every node that fits ("DaemonSet" in the Kubernetes documentation). Pods are bound by the scheduler
 * through node affinity to one node's name; a changed template replaces them within `maxUnavailable` or beside the old ones within
 * `maxSurge`, or when they are deleted (OnDelete).
 */
export function daemonSetController(): AnyController {
  let expectations: Expectations
  let backoff: FailureBackoff
  return defineController<DaemonSet>({
    name: 'daemonset-controller',
    for: refs.daemonSets,
    owns: [refs.pods, refs.controllerRevisions],
    watches: [allOnNodeChange],
    setup(ctx) {
      expectations = new Expectations(ctx.clock)
      backoff = new FailureBackoff({ clock: ctx.clock, most: LONGEST_PAUSE, placeOf: nodeOf })
      ctx.informer(refs.pods).addIndex(byController.name, byController.of)
      ctx.informer(refs.controllerRevisions).addIndex(byController.name, byController.of)
      meetExpectations(ctx, expectations)
    },
    async gone(_ctx, key) {
      expectations.forget(key)
      backoff.forget(key)
    },
    async reconcile(ctx, owner, key) {
      const matcher = labelSelectorMatcher(owner.spec.selector)
      const matches = (labels: Record<string, string> | undefined) => matcher.matches(labels ?? {})
      const ready = expectations.satisfied(key)
      const pods = await claim(ctx, { owner, ownerRef: refs.daemonSets, ref: refs.pods, matches })
      // Its revisions are being orphaned or deleted with it: none is missing.
      if (owner.metadata.deletionTimestamp) return done
      const { all, update, collisionCount } = await syncRevisions(ctx, owner, refs.daemonSets, POD_REVISION_LABEL)
      const hash = hashOf(update)
      const situation = { owner, pods, nodes: ctx.informer(refs.nodes).list(), hash }
      let wait: number | undefined
      try {
        if (ready) {
          const { create, remove } = planDaemons(situation, ctx.clock.now())
          const admitted = backoff.admit(key, owner, remove)
          wait = admitted.wait
          await carryOut(ctx, { owner, key, expectations }, { create, remove: admitted.remove }, update)
        }
      } finally {
        // Those that are there count, also while others cannot be made.
        await writeStatus(ctx, owner, daemonSetStatus(situation, collisionCount, ctx.clock.now()))
      }
      const live = pods.map(({ metadata }) => metadata.labels?.[POD_REVISION_LABEL] ?? '')
      await truncateHistory(ctx, owner, all, new Set([update.metadata.name, ...live]), POD_REVISION_LABEL)
      const next = Math.min(wait ?? Infinity, isSettling(owner, pods) ? RETRY : Infinity)
      return next === Infinity ? done : requeueAfter(next)
    },
  })
}

const nodeOf = ({ spec }: Pod): string => spec.nodeName ?? ''

/** What was asked for has come once the informer tells of it. */
function meetExpectations(ctx: ControllerContext, expectations: Expectations): void {
  const deleted = (pod: Pod): void => expectations.deleted(ownerKey(pod), pod.metadata.uid)
  ctx.informer(refs.pods).on({
    add: (pod) => expectations.created(ownerKey(pod)),
    update: (pod) => (pod.metadata.deletionTimestamp ? deleted(pod) : undefined),
    delete: deleted,
  })
}

/** Whether a pod may become available by the passing of time alone. */
const isSettling = ({ spec }: DaemonSet, pods: readonly Pod[]): boolean =>
  (spec.minReadySeconds ?? 0) > 0 && pods.some((pod) => isPodReady(pod))

const hashOf = ({ metadata }: ControllerRevision): string => metadata.labels?.[POD_REVISION_LABEL] ?? ''

function ownerKey(pod: Pod): string {
  const owner = controllerOf(pod)
  return owner?.kind === 'DaemonSet' ? `${pod.metadata.namespace}/${owner.name}` : ''
}

async function writeStatus(ctx: ControllerContext, owner: DaemonSet, status: DaemonSetStatus): Promise<void> {
  if (equal(owner.status, status)) return
  await ctx.client.resource(refs.daemonSets).updateStatus({ ...owner, status })
}
