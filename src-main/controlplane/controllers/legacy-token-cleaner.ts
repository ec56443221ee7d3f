import type { Secret } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { isNotFound } from '../../../src-kube/machinery/errors.ts'
import { parseTime } from '../../../src-kube/machinery/time.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
} from '../../../src-kube/runtime/controller.ts'
import { TOKEN_TYPE } from './service-account-secrets.ts'

const DAY = 86_400_000
const LAST_USED = 'kubernetes.io/legacy-token-last-used'
const INVALID_SINCE = 'kubernetes.io/legacy-token-invalid-since'
/** Of `kube-system`: says since when uses of such tokens are noted. */
export const TRACKING = 'kube-apiserver-legacy-service-account-token-tracking'

/**
 * Marks tokens in secrets that an account itself names, that nobody used for `period` milliseconds (a year) and no pod mounts, as invalid; after
 * as long again it deletes them (kubernetes.io, "Managing Service Accounts: Legacy ServiceAccount token cleaner"; KEP-2799). Secrets that no
 * account names were made by hand and stay. Looks once a day.
 */
export function legacyTokenCleaner(period = 365 * DAY): AnyController {
  return defineController<Secret>({
    name: 'legacy-service-account-token-cleaner-controller',
    component: 'legacy-service-account-token-cleaner',
    for: refs.secrets,
    concerns: ({ type }) => type === TOKEN_TYPE,
    watches: [],
    async reconcile(ctx, secret) {
      const { metadata, type } = secret
      if (type !== TOKEN_TYPE || metadata.deletionTimestamp) return done
      const old = ctx.clock.now() - period
      if (!isUnused(secret, old) || (await trackedSince(ctx)) > old) return requeueAfter(DAY)
      if (!(await isNamed(ctx, secret)) || (await isMounted(ctx, secret))) return requeueAfter(DAY)
      const invalidSince = dayOf(metadata.labels?.[INVALID_SINCE])
      if (invalidSince === undefined) await mark(ctx, secret)
      else if (invalidSince < startOfDay(old)) await remove(ctx, secret)
      return requeueAfter(DAY)
    },
  })
}

const startOfDay = (time: number): number => Math.floor(time / DAY) * DAY

/** Milliseconds of `2026-01-31`; undefined for anything else. */
const dayOf = (text: string | undefined): number | undefined =>
  /^\d{4}-\d\d-\d\d$/.test(text ?? '') ? parseTime(`${text}T00:00:00Z`) : undefined

/** Neither made nor used since; a day that is none says nothing, so such a token stays. */
function isUnused({ metadata: { creationTimestamp, labels } }: Secret, since: number): boolean {
  if ((parseTime(creationTimestamp) ?? Infinity) >= since) return false
  const used = labels?.[LAST_USED]
  return used === undefined || (dayOf(used) ?? Infinity) < startOfDay(since)
}

/** Milliseconds; never, while nobody says so. */
async function trackedSince(ctx: ControllerContext): Promise<number> {
  try {
    const { data } = await ctx.client.resource(refs.configMaps).get(TRACKING, 'kube-system')
    return dayOf(data?.['since']) ?? Infinity
  } catch (error) {
    if (isNotFound(error)) return Infinity
    throw error
  }
}

async function isNamed(ctx: ControllerContext, { metadata }: Secret): Promise<boolean> {
  const account = metadata.annotations?.['kubernetes.io/service-account.name'] ?? ''
  try {
    const { secrets } = await ctx.client.resource(refs.serviceAccounts).get(account, metadata.namespace)
    return secrets?.some(({ name }) => name === metadata.name) ?? false
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}

async function isMounted(ctx: ControllerContext, { metadata: { name, namespace } }: Secret): Promise<boolean> {
  const { items } = await ctx.client.resource(refs.pods).list({ namespace })
  return items.some(({ spec }) => spec.volumes?.some(({ secret }) => secret?.secretName === name))
}

async function mark(ctx: ControllerContext, { metadata: { name, namespace } }: Secret): Promise<void> {
  const labels = { [INVALID_SINCE]: new Date(ctx.clock.now()).toISOString().slice(0, 10) }
  const type = 'application/merge-patch+json'
  await ctx.client.resource(refs.secrets).patch({ name, namespace, type, body: { metadata: { labels } } })
}

async function remove(ctx: ControllerContext, { metadata: { name, namespace, uid, resourceVersion } }: Secret) {
  try {
    const preconditions = { uid, ...(resourceVersion ? { resourceVersion } : {}) }
    await ctx.client.resource(refs.secrets).delete(name, namespace, { preconditions })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
