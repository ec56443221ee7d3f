import type { Pod } from '#types/core/v1'
import type { DeleteOptions } from '#types/meta/v1'
import type { PodDisruptionBudget } from '#types/policy/v1'
import {
  allowing,
  DISRUPTION_ALLOWED,
  withDisruptionAllowed,
} from '../../../../src-kube/kinds/policy/disruption-allowed.ts'
import { badRequest, forbidden, invalid, notFound, StatusError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { labelSelectorMatcher } from '../../../../src-kube/machinery/labels.ts'
import { unbound, type KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import { attributesOf, nameOf, type WriteRequest } from '../context.ts'
import { checkPreconditions, remove } from '../delete.ts'
import { createdEntry, type StoredEntry } from '../entry.ts'
import { keyOf } from '../keys.ts'
import type { Target } from '../registry.ts'
import { ownersKept } from '../owners.ts'
import { unadmitted } from '../unadmitted.ts'
import { change } from '../update.ts'
import { checkNamespace, posted } from './posted.ts'
import type { SubresourceBehaviour } from './subresource.ts'

interface Eviction {
  deleteOptions?: Partial<DeleteOptions>
}

const kind = { group: 'policy', version: 'v1', kind: 'Eviction' }

/** `POST pods/<name>/eviction` (kubernetes.io, "API-initiated Eviction"): a delete that asks the pod's disruption budget first. */
export const eviction: SubresourceBehaviour = {
  name: 'eviction',
  of: '/pods',
  async create(asked, body) {
    const { target } = asked
    const sent = posted<Eviction>(kind, body, asked)
    checkNamespace(sent, target)
    const attributes = attributesOf('CREATE', asked, { object: sent })
    await asked.core.admission.admit(attributes)
    const { metadata, deleteOptions = {} } = sent
    if (metadata.name !== target.name) throw badRequest('name in URL does not match name in Eviction object')
    const options = { ...asked.options, dryRun: asked.options.dryRun || isDryRun(deleteOptions) }
    await asked.core.admission.validate(attributes)
    // Neither what the budget and the pod are told of it nor the deletion is another request.
    const core = unadmitted(asked.core)
    const request: WriteRequest = { core, target, options }
    const pod = core.caches.of(target.descriptor).get(keyOf(target.descriptor, target.namespace, target.name))
      ?.object as Pod | undefined
    if (!pod) throw notFound(nameOf(target), target.name)
    if (needsBudget(pod)) await takeFromBudget(request, pod)
    const marks = pod.spec.nodeName && !pod.metadata.deletionTimestamp && !options.dryRun
    const left = marks ? await markDisrupted(request, deleteOptions) : deleteOptions
    await remove({ core, target: { ...target, subresource: '' }, options }, left)
    return createdEntry()
  },
}

function isDryRun({ dryRun = [] }: Partial<DeleteOptions>): boolean {
  const odd = dryRun.some((value) => value !== 'All')
  if (odd)
    throw invalid({ group: 'policy', kind: 'Eviction' }, '', [
      fieldPath('deleteOptions', 'dryRun').notSupported(dryRun, ['All']),
    ])
  return dryRun.length > 0
}

/** Pods that run; all others may always go. */
function needsBudget({ metadata, status }: Pod): boolean {
  const phase = status?.phase
  return !metadata.deletionTimestamp && phase !== 'Succeeded' && phase !== 'Failed' && phase !== 'Pending'
}

const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false

/** Unready pods cost nothing where the budget is healthy, or its policy says so (KEP-3017). */
function isFree(pod: Pod, { spec, status }: PodDisruptionBudget): boolean {
  if (isReady(pod)) return false
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  return (status?.desiredHealthy ?? 0) > 0 && (status?.currentHealthy ?? 0) >= (status?.desiredHealthy ?? 0)
}

/** Notes on the pod why it goes, to be seen while it ends (KEP-3329); answers how the pod, as it is then, is to be deleted. */
async function markDisrupted(
  { core, target, options }: WriteRequest,
  asked: Partial<DeleteOptions>,
): Promise<Partial<DeleteOptions>> {
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastTransitionTime: formatTime(core.clock.now()),
  }
  const make = (current: StoredEntry): KubeObject => {
    checkPreconditions(target, asked, current)
    const { object } = current
    const status = object['status'] as Pod['status']
    const others = (status?.conditions ?? []).filter(({ type }) => type !== condition.type)
    const metadata = unbound(object.metadata)
    const observed = { ...condition, observedGeneration: metadata.generation }
    return { ...object, metadata, status: { ...status, conditions: [...others, observed] } }
  }
  const { object } = await change({ core, target: { ...target, subresource: 'status' }, options }, make, ownersKept)
  if (!asked.preconditions?.resourceVersion) return asked
  return { ...asked, preconditions: { ...asked.preconditions, resourceVersion: object.metadata.resourceVersion } }
}

/** `retryAfter`: seconds until it is worth to ask again; undefined where nobody knows. */
const refusal = (words: string, retryAfter?: number): StatusError =>
  new StatusError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message: words }],
    ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }),
  })

async function takeFromBudget({ core, options }: WriteRequest, pod: Pod): Promise<void> {
  const cache = core.caches.find('policy', 'poddisruptionbudgets')
  const namespace = pod.metadata.namespace ?? ''
  const all = (await core.read.list('policy', 'poddisruptionbudgets', namespace)) as PodDisruptionBudget[]
  const mine = all.filter((budget) => labelSelectorMatcher(budget.spec.selector).matches(pod.metadata.labels))
  if (mine.length === 0 || !cache) return
  if (mine.length > 1)
    // Told of without a reason, as upstream does.
    throw new StatusError(
      500,
      '',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    )
  if (isFree(pod, mine[0]!)) return
  const { descriptor } = cache
  const served = descriptor.served[0]!
  const target: Target = { descriptor, served, namespace, name: mine[0]!.metadata.name, subresource: 'status' }
  const make = (current: StoredEntry): KubeObject =>
    disrupted(current.object as PodDisruptionBudget, pod, core.clock.now())
  await change({ core, target, options }, make, ownersKept)
}

/** Evictions that a budget's status holds at most, until its controller has seen the pods go. */
const MOST_DISRUPTED = 2000

function whyNone(name: string, status: NonNullable<PodDisruptionBudget['status']>): string {
  const told = status.conditions?.find(
    ({ type, status: is, message }) => type === DISRUPTION_ALLOWED && is === 'False' && message,
  )
  const not = `The disruption budget ${name} does not allow evicting pods currently`
  // Its counts are then not to be trusted.
  if (told?.reason === 'SyncFailed') return `${not} because it failed sync: ${told.message}`
  const { currentHealthy = 0, desiredHealthy = 0 } = status
  if (currentHealthy <= desiredHealthy)
    return `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
  return told ? `${not} (${told.reason}): ${told.message}` : not
}

function disrupted(budget: PodDisruptionBudget, pod: Pod, now: number): KubeObject {
  const { status } = budget
  const name = budget.metadata.name
  if (!status || (status.observedGeneration ?? 0) < (budget.metadata.generation ?? 0))
    throw refusal(`The disruption budget ${name} is still being processed by the server.`, 10)
  const allowed = status.disruptionsAllowed ?? 0
  const budgets = { group: 'policy', resource: 'poddisruptionbudget' }
  if (allowed < 0) throw forbidden(budgets, name, 'pdb disruptions allowed is negative')
  if (Object.keys(status.disruptedPods ?? {}).length > MOST_DISRUPTED)
    throw forbidden(budgets, name, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller')
  if (allowed === 0) throw refusal(whyNone(name, status))
  const left = allowed - 1
  const said = allowing(left, status.observedGeneration)
  // The last one it has is the end of it, whether or not its controller has come round to it.
  const conditions = left === 0 ? { conditions: withDisruptionAllowed(status, said, now) } : {}
  const disruptedPods = { ...status.disruptedPods, [pod.metadata.name]: formatTime(now) }
  return {
    ...budget,
    // Without a revision of its own the write is tried again on what another eviction left.
    metadata: unbound(budget.metadata),
    status: { ...status, ...conditions, disruptionsAllowed: left, disruptedPods },
  }
}
