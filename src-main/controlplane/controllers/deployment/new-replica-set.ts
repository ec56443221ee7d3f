import type { Deployment, DeploymentStatus, ReplicaSet } from '#types/apps/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { isAlreadyExists } from '../../../../src-kube/machinery/errors.ts'
import { controllerOf, type Draft } from '../../../../src-kube/machinery/meta.ts'
import type { ControllerContext } from '../../../../src-kube/runtime/controller.ts'
import { controllerReference } from '../../../../src-kube/runtime/owners.ts'
import { equal } from '../equal.ts'
import { messageOf, namespaceEnds } from '../refusal.ts'
import { conditionOf, progressDeadline, setCondition } from './conditions.ts'
import { newReplicaCount, sizeAnnotations } from './limits.ts'
import {
  findNewReplicaSet,
  HASH_LABEL,
  maxRevision,
  newAnnotations,
  REVISION_ANNOTATION,
  revisionOf,
  templateHash,
} from './replica-sets.ts'

const FAILED_CREATE = 'ReplicaSetCreateError'

/** A deployment as it stands after a write, and its newest replica set. */
export interface WithNewSet {
  deployment: Deployment
  newSet: ReplicaSet | undefined
}

/** Finds the replica set of the current template and brings its annotations up to date; without one it is made if `create` says so. */
export async function ensureNewReplicaSet(
  ctx: ControllerContext,
  deployment: Deployment,
  owned: readonly ReplicaSet[],
  { create }: { create: boolean },
): Promise<WithNewSet> {
  const found = findNewReplicaSet(deployment, owned)
  const revision = maxRevision(owned.filter((rs) => rs !== found)) + 1
  if (!found && !create) return { deployment, newSet: undefined }
  const newSet = found ? await refresh(ctx, deployment, found, revision) : await make(ctx, deployment, owned, revision)
  const noted = await noteRevision(ctx, deployment, revisionOf(newSet))
  const [verb, reason] = found ? ['Found', 'FoundNewReplicaSet'] : ['Created', 'NewReplicaSetCreated']
  if (progressDeadline(noted) === undefined || (found && conditionOf(noted.status, 'Progressing')))
    return { deployment: noted, newSet }
  const message = `${verb} new replica set "${newSet.metadata.name}"`
  const status = setCondition(
    noted.status ?? {},
    { type: 'Progressing', status: 'True', reason: reason ?? '', message },
    ctx.clock.now(),
  )
  return { deployment: await writeStatus(ctx, noted, status), newSet }
}

/** Writes a status when it differs. */
export async function writeStatus(
  ctx: ControllerContext,
  deployment: Deployment,
  status: DeploymentStatus,
): Promise<Deployment> {
  if (equal(deployment.status ?? {}, status)) return deployment
  return ctx.client.resource(refs.deployments).updateStatus({ ...deployment, status })
}

async function refresh(
  ctx: ControllerContext,
  deployment: Deployment,
  rs: ReplicaSet,
  revision: number,
): Promise<ReplicaSet> {
  const annotations = newAnnotations(deployment, rs, revision)
  const { minReadySeconds } = deployment.spec
  const same = equal(annotations, rs.metadata.annotations ?? {})
  if (same && (minReadySeconds ?? 0) === (rs.spec.minReadySeconds ?? 0)) return rs
  return ctx.client.resource(refs.replicaSets).update({
    ...rs,
    metadata: { ...rs.metadata, annotations },
    spec: { ...rs.spec, minReadySeconds },
  })
}

async function noteRevision(ctx: ControllerContext, deployment: Deployment, revision: number): Promise<Deployment> {
  if (revisionOf(deployment) === revision) return deployment
  const { name, namespace } = deployment.metadata
  const body = { metadata: { annotations: { [REVISION_ANNOTATION]: String(revision) } } }
  const type = 'application/merge-patch+json'
  return ctx.client.resource(refs.deployments).patch({ name, namespace, type, body })
}

async function make(
  ctx: ControllerContext,
  deployment: Deployment,
  owned: readonly ReplicaSet[],
  revision: number,
): Promise<ReplicaSet> {
  const draft = draftOf(deployment, owned, revision)
  try {
    const rs = await ctx.client.resource(refs.replicaSets).create(draft)
    const count = rs.spec.replicas ?? 0
    const message = `Scaled up replica set ${rs.metadata.name} from 0 to ${count}`
    if (count > 0) ctx.events.event(deployment, 'Normal', 'ScalingReplicaSet', message)
    return rs
  } catch (error) {
    if (isAlreadyExists(error)) return ours(ctx, deployment, draft.metadata.name ?? '', error)
    if (namespaceEnds(error)) throw error
    const why = `Failed to create new replica set "${draft.metadata.name}": ${messageOf(error)}`
    if (progressDeadline(deployment) !== undefined) await noteFailure(ctx, deployment, why)
    ctx.events.event(deployment, 'Warning', FAILED_CREATE, why)
    throw error
  }
}

/** A set of the same name is ours when the cache was late; else two templates share a hash, and the next try takes another. */
async function ours(ctx: ControllerContext, deployment: Deployment, name: string, error: unknown): Promise<ReplicaSet> {
  const rs = await ctx.client.resource(refs.replicaSets).get(name, deployment.metadata.namespace)
  const isOurs = controllerOf(rs)?.uid === deployment.metadata.uid
  if (isOurs && findNewReplicaSet(deployment, [rs])) return rs
  const collisionCount = (deployment.status?.collisionCount ?? 0) + 1
  await writeStatus(ctx, deployment, { ...deployment.status, collisionCount })
  throw error
}

async function noteFailure(ctx: ControllerContext, deployment: Deployment, why: string): Promise<void> {
  const condition = { type: 'Progressing', status: 'False', reason: FAILED_CREATE, message: why }
  const status = setCondition(deployment.status ?? {}, condition, ctx.clock.now())
  await writeStatus(ctx, deployment, status)
}

function draftOf(deployment: Deployment, owned: readonly ReplicaSet[], revision: number): Draft<ReplicaSet> {
  const { selector, template, minReadySeconds } = deployment.spec
  const hash = templateHash(template, deployment.status?.collisionCount)
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      labels,
      annotations: { ...newAnnotations(deployment, undefined, revision), ...sizeAnnotations(deployment) },
      ownerReferences: [controllerReference(deployment, refs.deployments)],
    },
    spec: {
      replicas: newReplicaCount(deployment, owned, 0),
      minReadySeconds,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }
}
