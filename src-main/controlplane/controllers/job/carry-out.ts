import type { Job } from '#types/batch/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { isNotFound } from '../../../../src-kube/machinery/errors.ts'
import type { ControllerContext } from '../../../../src-kube/runtime/controller.ts'
import type { Expectations } from '../expectations.ts'
import { messageOf, namespaceEnds } from '../refusal.ts'
import { slowStart } from '../slow-start.ts'
import type { JobPlan } from './plan.ts'
import { podFor } from './pod.ts'
import { untrack } from './tracking.ts'

/** How many pods were made, and the first failure of making one. */
export interface CarriedOut {
  made: number
  failure?: unknown
}

/** The job whose pods are removed and made, and who waits to see them go and come under its key. */
export interface CarriedJob {
  job: Job
  key: string
  expectations: Expectations
}

/** Removes and makes the pods that a plan names; throws the first failure to remove one. */
export async function carryOut(
  ctx: ControllerContext,
  { job, key, expectations }: CarriedJob,
  plan: JobPlan,
): Promise<CarriedOut> {
  const { remove, create } = plan
  if (remove.length + create.length === 0) return { made: 0 }
  expectations.expect(
    key,
    create.length,
    remove.map(({ metadata }) => metadata.uid),
  )
  for (const pod of remove) {
    const { name, namespace, uid } = pod.metadata
    try {
      // What is given up without an end of the job does not count.
      if (!plan.ending) await untrack(ctx, pod)
      await ctx.client.resource(refs.pods).delete(name, namespace, { preconditions: { uid } })
      ctx.events.event(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)
    } catch (error) {
      expectations.deleted(key, uid)
      if (!isNotFound(error)) throw error
    }
  }
  let made = 0
  const { error } = await slowStart(create.length, async (i) => {
    const index = create[i]
    try {
      const pod = await ctx.client.resource(refs.pods).create(podFor(job, index, plan.byIndex.get(index ?? -1)))
      made++
      ctx.events.event(job, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`)
    } catch (failure) {
      if (namespaceEnds(failure)) return
      ctx.events.event(job, 'Warning', 'FailedCreate', `Error creating: ${messageOf(failure)}`)
      throw failure
    }
  })
  for (let i = made; i < create.length; i++) expectations.created(key)
  return { made, failure: error }
}
