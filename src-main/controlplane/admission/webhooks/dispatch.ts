import type { WebhookClientConfig } from '#types/admissionregistration.k8s.io/v1'
import type { ServedVersion } from '../../../../src-kube/kinds/descriptor.ts'
import { badRequest, internalError } from '../../../../src-kube/machinery/errors.ts'
import type { AdmissionAttributes } from '../admission.ts'
import type { Hook } from './match.ts'
import { reviewOf, reviewVersion, verdictOf, type Verdict } from './review.ts'

/**
 * Posts a review to a webhook and resolves with the text of its answer. Rejects with words that say what was asked of whom and why it failed.
 */
export type PostReview = (to: WebhookClientConfig, body: string, timeoutSeconds: number) => Promise<string>

/** A webhook that a request concerns, and the version in which it wants the object. */
export interface Concerned {
  hook: Hook
  served: ServedVersion
}

/** Does what webhooks are asked for, and adds the time it takes to what the request waits. */
export async function timed<T>({ waits }: AdmissionAttributes, work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  try {
    return await work()
  } finally {
    if (waits) waits.waited += performance.now() - began
  }
}

/**
 * Asks one webhook. Undefined when it could not be asked and its policy is to go on without it; throws 500 when its policy is to fail. A dry
 * run does not reach what has side effects (kubernetes.io, "Dynamic Admission Control: Side effects").
 */
export async function ask(
  post: PostReview,
  { hook, served }: Concerned,
  attributes: AdmissionAttributes,
): Promise<Verdict | undefined> {
  if (attributes.dryRun && hook.sideEffects !== 'None' && hook.sideEffects !== 'NoneOnDryRun')
    throw badRequest(`admission webhook ${JSON.stringify(hook.name)} does not support dry run`)
  try {
    const version = reviewVersion(hook.admissionReviewVersions)
    if (!version) throw new Error(`webhook does not accept known AdmissionReview versions (v1, v1beta1)`)
    const uid = crypto.randomUUID()
    const body = JSON.stringify(reviewOf(attributes, served, version, uid))
    const verdict = verdictOf(await post(hook.clientConfig, body, hook.timeoutSeconds ?? 10), version, uid)
    for (const warning of verdict.warnings) attributes.warn(warning)
    for (const [key, value] of Object.entries(verdict.auditAnnotations))
      attributes.annotate?.(`${hook.name}/${key}`, value)
    return verdict
  } catch (error) {
    return failed(hook, error)
  }
}

/** What could not be asked, or answered what is no answer. */
function failed(hook: Hook, error: unknown): undefined {
  if (hook.failurePolicy === 'Ignore') return undefined
  const why = error instanceof Error ? error.message : String(error)
  throw internalError(new Error(`failed calling webhook ${JSON.stringify(hook.name)}: ${why}`, { cause: error }))
}
