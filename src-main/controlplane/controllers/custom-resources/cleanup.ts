import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import type { ResourceRef } from '../../../../src-kube/kinds/descriptor.ts'
import { findResource } from '../../../../src-kube/kinds/index.ts'
import { isNotFound } from '../../../../src-kube/machinery/errors.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
} from '../../../../src-kube/runtime/controller.ts'
import { equal } from '../equal.ts'
import { messageOf } from '../refusal.ts'
import { withCondition } from '../conditions.ts'
import { conditionOf, type Condition } from './conditions.ts'

/** Keeps a definition until the last of its objects has gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io'

const FAILED = 'InstanceDeletionFailed'
const UNDER_WAY = 'CustomResource deletion is in progress'

/** Milliseconds after which instances that finalizers hold are looked at again. */
const RETRY = 1_000

/**
 * Deletes all instances of a definition that is being deleted, then lets it go (kubernetes.io, "CustomResourceDefinitions: Delete a
 * CustomResourceDefinition").
 */
export function customResourceCleanup(): AnyController {
  return defineController<CustomResourceDefinition>({
    name: 'crd-finalizer',
    for: refs.customResourceDefinitions,
    concerns: isGoing,
    async reconcile(ctx, crd) {
      if (!isGoing(crd)) return done
      // What failed is said until it works: each change of the status would bring the definition here again at once.
      const busy =
        conditionOf(crd, 'Terminating')?.reason === FAILED
          ? crd
          : await tell(ctx, crd, { status: 'True', reason: 'InstanceDeletionInProgress', message: UNDER_WAY })
      let left: number
      try {
        left = await deleteInstances(ctx, busy)
      } catch (error) {
        const message = `could not issue all deletes: ${messageOf(error)}`
        await tell(ctx, busy, { status: 'True', reason: FAILED, message })
        throw error
      }
      if (left > 0) return requeueAfter(RETRY)
      const clean = await tell(ctx, busy, {
        status: 'False',
        reason: 'InstanceDeletionCompleted',
        message: 'removed all instances',
      })
      const finalizers = clean.metadata.finalizers?.filter((name) => name !== CLEANUP_FINALIZER) ?? []
      const metadata = { ...clean.metadata, finalizers }
      // By the status, which asks no more whether the definition is one that would be accepted today.
      await ctx.client.resource(refs.customResourceDefinitions).updateStatus({ ...clean, metadata })
      return done
    },
  })
}

const isGoing = ({ metadata }: CustomResourceDefinition): boolean =>
  metadata.deletionTimestamp !== undefined && (metadata.finalizers?.includes(CLEANUP_FINALIZER) ?? false)

const isServed = ({ spec }: CustomResourceDefinition): boolean => spec.versions.some(({ served }) => served)

/** Asks for the end of every instance; answers how many are left, or that some may be. */
async function deleteInstances(ctx: ControllerContext, crd: CustomResourceDefinition): Promise<number> {
  const resource = instancesOf(crd)
  if (!resource) return 0
  try {
    await ctx.client.transport.request({ verb: 'deletecollection', resource, body: {} })
    return (await ctx.client.resource(resource).list()).items.length
  } catch (error) {
    // What was not served until now may take a moment.
    if (isNotFound(error)) return isServed(crd) ? 0 : 1
    throw error
  }
}

/** The resource under a version that is served, or the stored one while it goes; none of a definition that never was established. */
function instancesOf(crd: CustomResourceDefinition): ResourceRef | undefined {
  const { group, names, scope, versions } = crd.spec
  const version = versions.find(({ served }) => served) ?? versions.find(({ storage }) => storage)
  if (!version || conditionOf(crd, 'Established')?.status !== 'True') return undefined
  const { plural, kind } = names
  // What is built in is not the definition's to delete.
  if (findResource(group, plural)) return undefined
  return { group, version: version.name, resource: plural, kind, namespaced: scope === 'Namespaced' }
}

async function tell(
  ctx: ControllerContext,
  crd: CustomResourceDefinition,
  said: Pick<Condition, 'status' | 'reason' | 'message'>,
): Promise<CustomResourceDefinition> {
  const time = formatTime(ctx.clock.now())
  const before = crd.status?.conditions ?? []
  const conditions = withCondition(before, { type: 'Terminating', ...said }, time)
  if (equal(before, conditions)) return crd
  return ctx.client
    .resource(refs.customResourceDefinitions)
    .updateStatus({ ...crd, status: { ...crd.status, conditions } })
}
