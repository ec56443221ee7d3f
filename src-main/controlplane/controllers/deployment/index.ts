import type { Deployment, ReplicaSet } from '#types/apps/v1'
import { byController, byNamespace } from '../../../../src-kube/client/indexer.ts'
import { refs } from '../../../../src-kube/client/refs.ts'
import { labelSelectorMatcher } from '../../../../src-kube/machinery/labels.ts'
import { controllerOf, objectKey } from '../../../../src-kube/machinery/meta.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  type ReconcileResult,
  requeueAfter,
  watching,
} from '../../../../src-kube/runtime/controller.ts'
import { claim } from '../claim.ts'
import { equal } from '../equal.ts'
import { namespaceEnds } from '../refusal.ts'
import {
  calculateStatus,
  conditionOf,
  deadlineIn,
  isComplete,
  progressDeadline,
  setCondition,
  withProgress,
} from './conditions.ts'
import { desiredOf, proportionalSizes, sizeAnnotations } from './limits.ts'
import { ensureNewReplicaSet, writeStatus } from './new-replica-set.ts'
import { byAge, DESIRED_ANNOTATION, findNewReplicaSet, isActive, replicasOf, revisionOf } from './replica-sets.ts'
import { rollBack, rollbackTarget } from './rollback.ts'
import { rollingSteps } from './rollout.ts'

/**
 * Rolls a deployment's pods from one template to the next through replica sets, as "Deployments" in the Kubernetes documentation
 * tells: rolling and recreating updates, pause, proportional scaling, history, progress deadline.
 */
export function deploymentController(): AnyController {
  return defineController<Deployment>({
    name: 'deployment-controller',
    for: refs.deployments,
    owns: [refs.replicaSets],
    watches: [
      watching(refs.replicaSets, (rs, ctx) => (controllerOf(rs) ? [] : deploymentsFor(ctx, rs))),
      watching(refs.pods, (pod, ctx) => {
        const owner = controllerOf(pod)
        const rs =
          owner?.kind === 'ReplicaSet'
            ? ctx.informer(refs.replicaSets).get(`${pod.metadata.namespace}/${owner.name}`)
            : undefined
        const name = rs && controllerOf(rs)?.name
        const deployment = name ? ctx.informer(refs.deployments).get(`${pod.metadata.namespace}/${name}`) : undefined
        return deployment?.spec.strategy?.type === 'Recreate' ? [objectKey(deployment)] : []
      }),
    ],
    setup(ctx) {
      ctx.informer(refs.replicaSets).addIndex(byController.name, byController.of)
      ctx.informer(refs.pods).addIndex(byController.name, byController.of)
      ctx.informer(refs.deployments).addIndex(byNamespace.name, byNamespace.of)
    },
    async reconcile(ctx, given) {
      try {
        return await reconcile(ctx, given)
      } catch (error) {
        if (namespaceEnds(error)) return done
        throw error
      }
    },
  })
}

function deploymentsFor(ctx: ControllerContext, rs: ReplicaSet): string[] {
  const all = ctx.informer(refs.deployments).list(rs.metadata.namespace)
  return all.filter((d) => labelSelectorMatcher(d.spec.selector).matches(rs.metadata.labels ?? {})).map(objectKey)
}

async function reconcile(ctx: ControllerContext, given: Deployment): Promise<ReconcileResult> {
  const { selector } = given.spec
  if (!selector.matchExpressions?.length && Object.keys(selector.matchLabels ?? {}).length === 0) {
    ctx.events.event(
      given,
      'Warning',
      'SelectingAll',
      'This deployment is selecting all pods. A non-empty selector is required.',
    )
    return done
  }
  const matcher = labelSelectorMatcher(selector)
  const matches = (labels: Record<string, string> | undefined) => matcher.matches(labels ?? {})
  const options = { owner: given, ownerRef: refs.deployments, ref: refs.replicaSets, matches }
  const owned = (await claim(ctx, options)).toSorted(byAge)
  if (given.metadata.deletionTimestamp) {
    await report(ctx, given, owned)
    return done
  }
  const deployment = await notePause(ctx, given)
  if (deployment.spec.paused) return settle(ctx, deployment, owned)
  const target = rollbackTarget(deployment)
  if (target !== undefined) {
    await rollBack(ctx, deployment, owned, target)
    return done
  }
  if (wasScaled(deployment, owned)) return settle(ctx, deployment, owned)
  return deployment.spec.strategy?.type === 'Recreate' ? recreate(ctx, deployment, owned) : roll(ctx, deployment, owned)
}

async function roll(ctx: ControllerContext, given: Deployment, owned: ReplicaSet[]): Promise<ReconcileResult> {
  const { deployment, newSet } = await ensureNewReplicaSet(ctx, given, owned, { create: true })
  if (!newSet) return done
  const old = owned.filter((rs) => rs.metadata.uid !== newSet.metadata.uid)
  const steps = rollingSteps(deployment, newSet, old)
  const after = [...old, newSet]
  for (const { rs, replicas } of steps) after[after.indexOf(rs)] = await resize(ctx, deployment, rs, replicas)
  return finish(ctx, deployment, after, { isMoving: steps.length > 0 })
}

/** All old pods must be gone before the first new one is made. */
async function recreate(ctx: ControllerContext, given: Deployment, owned: ReplicaSet[]): Promise<ReconcileResult> {
  const found = await ensureNewReplicaSet(ctx, given, owned, { create: false })
  const old = owned.filter((rs) => rs.metadata.uid !== found.newSet?.metadata.uid)
  const active = old.filter(isActive)
  for (const rs of active) await resize(ctx, found.deployment, rs, 0)
  if (active.length > 0 || oldPodsRun(ctx, old)) {
    await report(ctx, found.deployment, [...old, ...(found.newSet ? [found.newSet] : [])])
    return done
  }
  const { deployment, newSet } = await ensureNewReplicaSet(ctx, found.deployment, owned, { create: true })
  if (!newSet) return done
  const grown =
    replicasOf(newSet) === desiredOf(deployment) ? newSet : await resize(ctx, deployment, newSet, desiredOf(deployment))
  return finish(ctx, deployment, [...old, grown])
}

function oldPodsRun(ctx: ControllerContext, old: readonly ReplicaSet[]): boolean {
  const pods = old.flatMap((rs) => ctx.informer(refs.pods).byIndex(byController.name, rs.metadata.uid))
  return pods.some(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed')
}

/** Paused or just scaled: sizes follow the deployment, no new template is rolled out. */
async function settle(ctx: ControllerContext, given: Deployment, owned: ReplicaSet[]): Promise<ReconcileResult> {
  const { deployment, newSet } = await ensureNewReplicaSet(ctx, given, owned, { create: false })
  const sets = owned.map((rs) => (rs.metadata.uid === newSet?.metadata.uid ? newSet : rs))
  const after: ReplicaSet[] = []
  const sizes = scaledSizes(deployment, sets, newSet)
  for (const rs of sets) after.push(await resize(ctx, deployment, rs, sizes.get(rs.metadata.name) ?? replicasOf(rs)))
  return finish(ctx, deployment, after)
}

function scaledSizes(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
): Map<string, number> {
  const active = sets.filter(isActive)
  const only = active.length === 1 ? active[0] : active.length === 0 ? (newSet ?? sets.at(-1)) : undefined
  const desired = desiredOf(deployment)
  if (only) return new Map([[only.metadata.name, desired]])
  const full =
    newSet &&
    replicasOf(newSet) === desired &&
    newSet.status?.availableReplicas === desired &&
    newSet.metadata.annotations?.[DESIRED_ANNOTATION] === String(desired)
  if (full) return new Map(active.map((rs) => [rs.metadata.name, rs === newSet ? desired : 0]))
  if (deployment.spec.strategy?.type === 'Recreate') return new Map()
  return proportionalSizes(deployment, active)
}

function wasScaled(deployment: Deployment, owned: readonly ReplicaSet[]): boolean {
  return owned.filter(isActive).some((rs) => {
    const noted = rs.metadata.annotations?.[DESIRED_ANNOTATION]
    return noted !== undefined && noted !== String(desiredOf(deployment))
  })
}

/** Writes size and size annotations; the answer is the set as it then stands. */
async function resize(
  ctx: ControllerContext,
  deployment: Deployment,
  rs: ReplicaSet,
  replicas: number,
): Promise<ReplicaSet> {
  const from = replicasOf(rs)
  const annotations = { ...rs.metadata.annotations, ...sizeAnnotations(deployment) }
  if (from === replicas && (replicas === 0 || equal(annotations, rs.metadata.annotations))) return rs
  const updated = await ctx.client
    .resource(refs.replicaSets)
    .update({ ...rs, metadata: { ...rs.metadata, annotations }, spec: { ...rs.spec, replicas } })
  if (from !== replicas) {
    const message = `Scaled ${replicas > from ? 'up' : 'down'} replica set ${rs.metadata.name} from ${from} to ${replicas}`
    ctx.events.event(deployment, 'Normal', 'ScalingReplicaSet', message)
  }
  return updated
}

/** Writes the status; forgets old replica sets of a rollout that is at rest (`isMoving`: it has just taken a step). */
async function finish(
  ctx: ControllerContext,
  given: Deployment,
  all: readonly ReplicaSet[],
  { isMoving = false } = {},
): Promise<ReconcileResult> {
  if (!isMoving && (given.spec.paused || isComplete(given, given.status ?? {}))) await forgetHistory(ctx, given, all)
  const deployment = await report(ctx, given, all)
  const left = deadlineIn(deployment, deployment.status ?? {}, ctx.clock.now())
  return left === undefined ? done : requeueAfter(Math.max(0, left) + 1000)
}

async function report(ctx: ControllerContext, deployment: Deployment, all: readonly ReplicaSet[]): Promise<Deployment> {
  const newSet = findNewReplicaSet(deployment, all)
  const now = ctx.clock.now()
  const counted = calculateStatus(deployment, all, newSet, now)
  return writeStatus(
    ctx,
    deployment,
    deployment.spec.paused ? counted : withProgress(deployment, counted, { all, newSet }, now),
  )
}

/** Old empty sets beyond the history limit go, the lowest revisions first. */
async function forgetHistory(
  ctx: ControllerContext,
  deployment: Deployment,
  all: readonly ReplicaSet[],
): Promise<void> {
  const limit = deployment.spec.revisionHistoryLimit
  if (limit === undefined || limit === 0x7fffffff) return
  const newSet = findNewReplicaSet(deployment, all)
  const old = all
    .filter((rs) => rs !== newSet && !rs.metadata.deletionTimestamp)
    .toSorted((a, b) => revisionOf(a) - revisionOf(b))
  for (const rs of old.slice(0, Math.max(0, old.length - limit))) {
    const observed = (rs.status?.observedGeneration ?? 0) >= (rs.metadata.generation ?? 0)
    if (replicasOf(rs) > 0 || (rs.status?.replicas ?? 0) > 0 || !observed) continue
    const { name, namespace, uid } = rs.metadata
    await ctx.client.resource(refs.replicaSets).delete(name, namespace, { preconditions: { uid } })
  }
}

async function notePause(ctx: ControllerContext, deployment: Deployment): Promise<Deployment> {
  if (progressDeadline(deployment) === undefined) return deployment
  const current = conditionOf(deployment.status, 'Progressing')
  if (current?.reason === 'ProgressDeadlineExceeded') return deployment
  const paused = current?.reason === 'DeploymentPaused'
  if (!!deployment.spec.paused === paused) return deployment
  const said = paused
    ? { reason: 'DeploymentResumed', message: 'Deployment is resumed' }
    : { reason: 'DeploymentPaused', message: 'Deployment is paused' }
  const condition = { type: 'Progressing', status: 'Unknown', ...said }
  return writeStatus(ctx, deployment, setCondition(deployment.status ?? {}, condition, ctx.clock.now()))
}
