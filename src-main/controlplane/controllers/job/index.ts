import type { Job, JobCondition, JobStatus } from '#types/batch/v1'
import type { Container, Pod, PodSpec } from '#types/core/v1'
import { byController } from '../../../../src-kube/client/indexer.ts'
import { refs } from '../../../../src-kube/client/refs.ts'
import { isNotFound } from '../../../../src-kube/machinery/errors.ts'
import { labelSelectorMatcher } from '../../../../src-kube/machinery/labels.ts'
import { controllerOf } from '../../../../src-kube/machinery/meta.ts'
import { formatTime, parseTime } from '../../../../src-kube/machinery/time.ts'
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
import { isPodReady } from '../pods.ts'
import { podFromTemplate } from '../replica-controller.ts'
import { slowStart } from '../slow-start.ts'
import { formatIndexes, indexAnnotation, isIndexed, type JobPlan, planJob } from './plan.ts'

/** Runs pods to completion and removes finished jobs when their `ttlSecondsAfterFinished` is over ("Jobs" in the Kubernetes documentation). */
export function jobController(): AnyController {
  let expectations: Expectations
  return defineController<Job>({
    name: 'job-controller',
    for: refs.jobs,
    owns: [refs.pods],
    setup(ctx) {
      expectations = new Expectations(ctx.clock)
      ctx.informer(refs.pods).addIndex(byController.name, byController.of)
      const key = (pod: Pod) => {
        const owner = controllerOf(pod)
        return owner?.kind === 'Job' ? `${pod.metadata.namespace}/${owner.name}` : ''
      }
      ctx.informer(refs.pods).on({
        add: (pod) => expectations.created(key(pod)),
        update: (pod) =>
          pod.metadata.deletionTimestamp ? expectations.deleted(key(pod), pod.metadata.uid) : undefined,
        delete: (pod) => expectations.deleted(key(pod), pod.metadata.uid),
      })
    },
    gone: async (_ctx, key) => expectations.forget(key),
    async reconcile(ctx, job, key) {
      if (job.spec?.managedBy && job.spec.managedBy !== 'kubernetes.io/job-controller') return done
      if (finishedAt(job) !== undefined) return expire(ctx, job)
      if (!expectations.satisfied(key) || job.metadata.deletionTimestamp) return done
      const matcher = labelSelectorMatcher(job.spec?.selector)
      const matches = (labels: Record<string, string> | undefined) => matcher.matches(labels ?? {})
      const pods = await claim(ctx, { owner: job, ownerRef: refs.jobs, ref: refs.pods, matches })
      const plan = planJob(job, pods, ctx.clock.now())
      await carryOut(ctx, expectations, job, key, plan)
      const status = statusOf(job, plan, pods, ctx.clock.now())
      if (!equal(status, job.status ?? {})) await ctx.client.resource(refs.jobs).updateStatus({ ...job, status })
      if (plan.ending?.type === 'Complete') ctx.events.event(job, 'Normal', 'Completed', 'Job completed')
      else if (plan.ending) ctx.events.event(job, 'Warning', plan.ending.reason, plan.ending.message)
      return plan.wait === undefined ? done : requeueAfter(plan.wait)
    },
  })
}

function finishedAt({ status }: Job): number | undefined {
  const last = status?.conditions?.find((c) => (c.type === 'Complete' || c.type === 'Failed') && c.status === 'True')
  return last && (parseTime(last.lastTransitionTime) ?? 0)
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

async function carryOut(
  ctx: ControllerContext,
  expectations: Expectations,
  job: Job,
  key: string,
  plan: JobPlan,
): Promise<void> {
  expectations.expect(
    key,
    plan.create.length,
    plan.remove.map(({ metadata }) => metadata.uid),
  )
  for (const { metadata } of plan.remove) {
    try {
      await ctx.client
        .resource(refs.pods)
        .delete(metadata.name, metadata.namespace, { preconditions: { uid: metadata.uid } })
      ctx.events.event(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${metadata.name}`)
    } catch (error) {
      expectations.deleted(key, metadata.uid)
      if (!isNotFound(error)) throw error
    }
  }
  let made = 0
  const { error } = await slowStart(plan.create.length, async (i) => {
    const pod = await ctx.client.resource(refs.pods).create(podFor(job, plan.create[i]))
    made++
    ctx.events.event(job, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`)
  })
  for (let i = made; i < plan.create.length; i++) expectations.created(key)
  if (error !== undefined) throw error
}

function podFor(job: Job, index: number | undefined) {
  const pod = podFromTemplate(job, refs.jobs, job.spec?.template ?? { spec: { containers: [] } })
  if (index === undefined || !isIndexed(job)) return pod
  const value = String(index)
  const labels = { ...pod.metadata.labels, [indexAnnotation]: value }
  const annotations = { ...pod.metadata.annotations, [indexAnnotation]: value }
  const generateName = `${job.metadata.name}-${value}-`
  const spec = { ...withIndex(pod.spec), hostname: `${job.metadata.name}-${value}` }
  return { ...pod, metadata: { ...pod.metadata, labels, annotations, generateName }, spec }
}

/** Every container learns the index from the pod's label, unless it has a variable of that name already. */
function withIndex(spec: PodSpec): PodSpec {
  const name = 'JOB_COMPLETION_INDEX'
  const variable = { name, valueFrom: { fieldRef: { fieldPath: `metadata.labels['${indexAnnotation}']` } } }
  const add = <T extends Container>(container: T): T =>
    container.env?.some((known) => known.name === name)
      ? container
      : { ...container, env: [...(container.env ?? []), variable] }
  const { initContainers, containers } = spec
  return {
    ...spec,
    ...(initContainers ? { initContainers: initContainers.map(add) } : {}),
    containers: containers.map(add),
  }
}

function statusOf(job: Job, plan: JobPlan, pods: readonly Pod[], now: number): JobStatus {
  const time = formatTime(now)
  const suspended = job.spec?.suspend === true
  let conditions = job.status?.conditions ?? []
  const set = (type: string, status: string, reason: string, message: string) => {
    const old = conditions.find((c) => c.type === type)
    if (old?.status === status) return
    const condition: JobCondition = { type, status, reason, message, lastProbeTime: time, lastTransitionTime: time }
    conditions = [...conditions.filter((c) => c.type !== type), condition]
  }
  if (plan.ending) {
    const { type, reason, message } = plan.ending
    set(type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget', 'True', reason, message)
    set(type, 'True', reason, message)
  } else if (suspended) set('Suspended', 'True', 'JobSuspended', 'Job suspended')
  else if (conditions.some((c) => c.type === 'Suspended')) set('Suspended', 'False', 'JobResumed', 'Job resumed')
  const { startTime: _, ...rest } = job.status ?? {}
  const startTime = suspended ? undefined : (job.status?.startTime ?? time)
  return {
    ...rest,
    ...(startTime ? { startTime } : {}),
    ...(plan.ending?.type === 'Complete' ? { completionTime: time } : {}),
    ...(conditions.length > 0 ? { conditions } : {}),
    active: plan.active.length - plan.remove.length + plan.create.length,
    ready: plan.ending ? 0 : plan.active.filter(isPodReady).length,
    terminating: pods.filter(({ metadata }) => metadata.deletionTimestamp).length,
    succeeded: plan.succeeded,
    failed: plan.failed + (plan.ending?.type === 'Failed' ? plan.remove.length : 0),
    ...(isIndexed(job) ? { completedIndexes: formatIndexes(plan.completedIndexes) } : {}),
  }
}
