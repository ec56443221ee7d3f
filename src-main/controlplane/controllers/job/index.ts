import type { Job } from '#types/batch/v1'
import type { Pod } from '#types/core/v1'
import { byController } from '../../../../src-kube/client/indexer.ts'
import { refs } from '../../../../src-kube/client/refs.ts'
import { labelSelectorMatcher } from '../../../../src-kube/machinery/labels.ts'
import { controllerOf } from '../../../../src-kube/machinery/meta.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  type ReconcileResult,
  requeueAfter,
} from '../../../../src-kube/runtime/controller.ts'
import { claim } from '../claim.ts'
import { equal } from '../equal.ts'
import { Expectations } from '../expectations.ts'
import { type CarriedJob, carryOut } from './carry-out.ts'
import { type JobAction, JobMetrics } from './metrics.ts'
import { type Ending, planJob } from './plan.ts'
import { finishedAt, isOver, statusOf } from './status.ts'
import { isTracked } from './tally.ts'
import { releaseOrphan, track, untrack, untracked } from './tracking.ts'

const OWNERS = 'job'
const MINUTE = 60_000

/** Runs pods to completion and removes finished jobs when their `ttlSecondsAfterFinished` is over ("Jobs" in the Kubernetes documentation). */
export function jobController(metrics = new JobMetrics()): AnyController {
  let expectations: Expectations
  /** Revisions of the last written statuses: with an older one, pods that have been counted would be missing. */
  const written = new Map<string, number>()
  return defineController<Job>({
    name: 'job-controller',
    for: refs.jobs,
    owns: [refs.pods],
    longestBackoff: MINUTE,
    setup(ctx) {
      expectations = new Expectations(ctx.clock)
      ctx.informer(refs.pods).addIndex(byController.name, byController.of)
      ctx.informer(refs.pods).addIndex(OWNERS, (pod) => (isTracked(pod) ? [jobOf(pod)] : []))
      ctx.informer(refs.pods).on({
        add(pod) {
          expectations.created(jobOf(pod))
          abandoned(ctx, pod)
        },
        update(pod) {
          if (pod.metadata.deletionTimestamp) expectations.deleted(jobOf(pod), pod.metadata.uid)
          abandoned(ctx, pod)
        },
        delete: (pod) => expectations.deleted(jobOf(pod), pod.metadata.uid),
      })
    },
    async gone(ctx, key) {
      expectations.forget(key)
      written.delete(key)
      for (const pod of ctx.informer(refs.pods).byIndex(OWNERS, key)) await releaseOrphan(ctx, pod)
    },
    async reconcile(ctx, job, key) {
      if (job.spec?.managedBy && job.spec.managedBy !== 'kubernetes.io/job-controller') return done
      const strays = ctx.informer(refs.pods).byIndex(OWNERS, key)
      for (const pod of strays)
        if (controllerOf(pod)?.uid !== job.metadata.uid || job.metadata.deletionTimestamp) await releaseOrphan(ctx, pod)
      if (finishedAt(job) !== undefined) return expire(ctx, job)
      if (!expectations.satisfied(key) || job.metadata.deletionTimestamp) return done
      if (Number(job.metadata.resourceVersion) < (written.get(key) ?? 0)) return done
      const wrote: Watcher['wrote'] = ({ metadata, status }, ending) => {
        written.set(key, Number(metadata.resourceVersion))
        metrics.wrote(job, status, ending)
      }
      return metrics.sync(job, (acts) => run(ctx, { job, key, expectations }, { acts, wrote }))
    },
  })
}

/** Pods that were released, or orphaned, stand under the key of no job. */
function abandoned(ctx: ControllerContext, pod: Pod): void {
  if (isTracked(pod) && !controllerOf(pod)) ctx.enqueue('')
}

/** The key of the job that a pod belongs to; empty for none. */
function jobOf(pod: Pod): string {
  const owner = controllerOf(pod)
  return owner?.kind === 'Job' ? `${pod.metadata.namespace}/${owner.name}` : ''
}

/** Who wants to know what a look at a job does. */
interface Watcher {
  acts(action: JobAction): void
  /** A status was written; `ending`: it states the job's end. */
  wrote(now: Job, ending: Ending | undefined): void
}

async function run(ctx: ControllerContext, carried: CarriedJob, { acts, wrote }: Watcher): Promise<ReconcileResult> {
  const { job } = carried
  const matcher = labelSelectorMatcher(job.spec?.selector)
  const matches = (labels: Record<string, string> | undefined) => matcher.matches(labels ?? {})
  const pods = await claim(ctx, { owner: job, ownerRef: refs.jobs, ref: refs.pods, matches })
  for (const pod of untracked(pods, job)) await track(ctx, pod)
  const plan = planJob(job, pods, ctx.clock.now())
  if (plan.create.length > 0) acts('pods_created')
  else if (plan.remove.length > 0) acts('pods_deleted')
  const { made, failure } = await carryOut(ctx, carried, plan)
  const status = statusOf(job, { ...plan, create: plan.create.slice(0, made) }, ctx.clock.now())
  if (!equal(status, job.status ?? {})) {
    const ending = isOver(plan) ? plan.ending : undefined
    wrote(await ctx.client.resource(refs.jobs).updateStatus({ ...job, status }), ending)
    tell(ctx, job, ending)
  }
  for (const pod of plan.release) await untrack(ctx, pod)
  if (failure !== undefined) throw failure
  return plan.wait === undefined ? done : requeueAfter(plan.wait)
}

/** The end, a pause, or its end, in events. */
function tell(ctx: ControllerContext, job: Job, ending: Ending | undefined): void {
  const wasSuspended = job.status?.conditions?.some(({ type, status }) => type === 'Suspended' && status === 'True')
  const suspend = job.spec?.suspend === true
  if (ending?.type === 'Complete') ctx.events.event(job, 'Normal', 'Completed', 'Job completed')
  else if (ending) ctx.events.event(job, 'Warning', ending.reason, ending.message)
  else if (suspend && !wasSuspended) ctx.events.event(job, 'Normal', 'Suspended', 'Job suspended')
  else if (!suspend && wasSuspended) ctx.events.event(job, 'Normal', 'Resumed', 'Job resumed')
}

async function expire(ctx: ControllerContext, job: Job): Promise<ReconcileResult> {
  const ttl = job.spec?.ttlSecondsAfterFinished
  if (ttl === undefined || job.metadata.deletionTimestamp) return done
  const left = (finishedAt(job) ?? 0) + ttl * 1000 - ctx.clock.now()
  if (left > 0) return requeueAfter(left)
  const { name, namespace, uid } = job.metadata
  const body = { propagationPolicy: 'Foreground', preconditions: { uid } }
  await ctx.client.resource(refs.jobs).delete(name, namespace, body)
  return done
}
