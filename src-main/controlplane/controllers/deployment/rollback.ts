import type { Deployment, ReplicaSet } from '#types/apps/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import type { ControllerContext } from '../../../../src-kube/runtime/controller.ts'
import { ensureNewReplicaSet } from './new-replica-set.ts'
import { hasTemplateOf, isCopied, revisionOf, ROLLBACK_ANNOTATION, withoutHash } from './replica-sets.ts'

/** The revision that a deployment is asked to go back to, 0 for the one before the newest; undefined when it is not asked. */
export function rollbackTarget({ metadata }: Deployment): number | undefined {
  const text = metadata.annotations?.[ROLLBACK_ANNOTATION]
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined
}

/**
 * Does what the annotation `deprecated.deployment.rollback.to` asks, which is all that is left of `spec.rollbackTo` of extensions/v1beta1:
 * template and annotations of that revision's replica set become the deployment's. The annotation goes in any case.
 */
export async function rollBack(
  ctx: ControllerContext,
  given: Deployment,
  owned: readonly ReplicaSet[],
  asked: number,
): Promise<void> {
  const { deployment, newSet } = await ensureNewReplicaSet(ctx, given, owned, { create: true })
  const all = [...owned.filter(({ metadata }) => metadata.uid !== newSet?.metadata.uid), ...(newSet ? [newSet] : [])]
  const warn = (reason: string, message: string) => ctx.events.event(deployment, 'Warning', reason, message)
  const revision = asked === 0 ? lastRevision(all) : asked
  const target = all.find((rs) => revision !== 0 && revisionOf(rs) === revision)
  const { [ROLLBACK_ANNOTATION]: _, ...annotations } = deployment.metadata.annotations ?? {}
  const cleared = { ...deployment, metadata: { ...deployment.metadata, annotations } }
  const deployments = ctx.client.resource(refs.deployments)
  if (!target || hasTemplateOf(deployment, target)) {
    if (target) warn('DeploymentRollbackTemplateUnchanged', sameWords(deployment))
    else warn('DeploymentRollbackRevisionNotFound', revision === 0 ? NONE_BEFORE : NOT_THERE)
    await deployments.update(cleared)
    return
  }
  await deployments.update(restored(cleared, target))
  const words = `Rolled back deployment "${deployment.metadata.name}" to revision ${revision}`
  ctx.events.event(deployment, 'Normal', 'DeploymentRollback', words)
}

const NONE_BEFORE = 'Unable to find last revision.'
const NOT_THERE = 'Unable to find the revision to rollback to.'
const sameWords = ({ metadata }: Deployment): string =>
  `The rollback revision contains the same template as current deployment "${metadata.name}"`

/** The revision before the newest; 0 when there is none. */
function lastRevision(sets: readonly ReplicaSet[]): number {
  return sets.map(revisionOf).toSorted((a, b) => b - a)[1] ?? 0
}

/** The deployment with a replica set's template, and the annotations that came with it. */
function restored(deployment: Deployment, { spec, metadata }: ReplicaSet): Deployment {
  const own = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !isCopied(key))
  const brought = Object.entries(metadata.annotations ?? {}).filter(([key]) => isCopied(key))
  const annotations = Object.fromEntries([...own, ...brought])
  const template = withoutHash(spec.template) as Deployment['spec']['template']
  return { ...deployment, metadata: { ...deployment.metadata, annotations }, spec: { ...deployment.spec, template } }
}
