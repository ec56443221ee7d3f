import type { ResourceQuota } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import type { TypedRef } from '../../../src-kube/client/typed-client.ts'
import type { ResourceRef } from '../../../src-kube/kinds/descriptor.ts'
import { inScope } from '../../../src-kube/kinds/quota/scopes.ts'
import { DEVICES, usageOf, type Usage } from '../../../src-kube/kinds/quota/usage.ts'
import type { KubeObject, ObjectLike } from '../../../src-kube/machinery/meta.ts'
import { addQuantities, formatQuantity } from '../../../src-kube/machinery/quantity.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  requeueAfter,
  watching,
} from '../../../src-kube/runtime/controller.ts'
import { builtInResources } from './built-in.ts'
import { equal } from './equal.ts'

/** Everything is counted anew so often: what admission charged for writes that then failed is given back. Milliseconds. */
const RESYNC = 5 * 60_000
/** The same for quotas that count kinds which are not watched: custom resources and rarely limited ones. Milliseconds. */
const UNWATCHED_RESYNC = 15_000
/** A count that found a difference is checked after so long: what admission had charged may not have been written then. Milliseconds. */
const CHECK = 1_000
/** Kinds whose leaving gives something back at once. */
const watched: ReadonlyArray<TypedRef<ObjectLike>> = [
  refs.pods,
  refs.services,
  refs.persistentVolumeClaims,
  refs.configMaps,
  refs.secrets,
  refs.replicationControllers,
  refs.replicaSets,
  refs.deployments,
  refs.statefulSets,
  refs.daemonSets,
  refs.jobs,
  refs.cronJobs,
  refs.resourceClaims,
] as ReadonlyArray<TypedRef<ObjectLike>>

const countOf = ({ group, resource }: ResourceRef): string => `count/${resource}${group ? `.${group}` : ''}`
const watchedCounts = new Set(watched.map(countOf))

/** Milliseconds from one count of a quota of these names to the next. */
const interval = (hard: Usage): number =>
  Object.keys(hard).some((name) => name.startsWith('count/') && !watchedCounts.has(name)) ? UNWATCHED_RESYNC : RESYNC

/**
 * Keeps `status.hard` and `status.used` of quotas (kubernetes.io, "Resource Quotas"). Admission adds what comes; this takes away what
 * goes, of kinds that are not watched at the next count. Creations do not wake it: it could count before an object that is already
 * charged is there, and let one too many in.
 */
export function resourceQuotaController(resources: () => readonly ResourceRef[] = builtInResources): AnyController {
  /** When each quota was counted last, and those of whose objects something left since. A charge of admission is neither. */
  const counted = new Map<string, number>()
  const left = new Set<string>()
  /** When a count is to be checked. */
  const checks = new Map<string, number>()
  return defineController<ResourceQuota>({
    name: 'resourcequota-controller',
    for: refs.resourceQuotas,
    watches: watched.map((ref) =>
      watching(ref, (object, ctx, old) => {
        const { namespace, name } = object.metadata
        const keys = quotasOf(ctx, namespace)
        if (keys.length === 0) return keys
        const stands = ctx.informer(ref).get(`${namespace}/${name}`) !== undefined
        const changed = old !== undefined && !equal(quotaFacts(ref, object), quotaFacts(ref, old))
        if (stands && !changed) return []
        for (const key of keys) left.add(key)
        return keys
      }),
    ),
    async reconcile(ctx, quota, key) {
      const hard = (quota.spec?.hard ?? {}) as Usage
      const pause = interval(hard)
      const now = ctx.clock.now()
      const due = Math.min((counted.get(key) ?? -Infinity) + pause, checks.get(key) ?? Infinity)
      if (now < due && !left.has(key) && equal(quota.status?.hard, hard)) return requeueAfter(due - now)
      left.delete(key)
      checks.delete(key)
      const used = await count(ctx, quota, Object.keys(hard), resources())
      counted.set(key, ctx.clock.now())
      if (equal(quota.status?.hard, hard) && equal(quota.status?.used, used)) return requeueAfter(pause)
      try {
        await ctx.client.resource(refs.resourceQuotas).updateStatus({ ...quota, status: { hard, used } })
      } catch (error) {
        left.add(key)
        throw error
      }
      checks.set(key, ctx.clock.now() + CHECK)
      return requeueAfter(CHECK)
    },
    gone(_ctx, key) {
      counted.delete(key)
      checks.delete(key)
      left.delete(key)
      return Promise.resolve()
    },
  })
}

const usedBy = (ref: ResourceRef, object: ObjectLike, now?: number): Usage =>
  usageOf(ref.group, ref.resource, object as KubeObject, now)

/** What an object takes, and what quotas choose objects by that may change. */
function quotaFacts(ref: ResourceRef, object: ObjectLike): unknown {
  const { spec, status } = object as {
    spec?: { activeDeadlineSeconds?: number; volumeAttributesClassName?: string }
    status?: { currentVolumeAttributesClassName?: string }
  }
  const scopes = [
    spec?.activeDeadlineSeconds,
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
  ]
  return [usedBy(ref, object), scopes]
}

function quotasOf(ctx: ControllerContext, namespace: string | undefined): string[] {
  const quotas = ctx.informer(refs.resourceQuotas).list()
  return quotas.flatMap(({ metadata }) => (metadata.namespace === namespace ? `${namespace}/${metadata.name}` : []))
}

async function count(
  ctx: ControllerContext,
  quota: ResourceQuota,
  names: readonly string[],
  resources: readonly ResourceRef[],
): Promise<Usage> {
  const used: Usage = Object.fromEntries(names.map((name) => [name, '0']))
  const namespace = quota.metadata.namespace!
  for (const ref of resources.filter((one) => one.namespaced && concerns(one, names))) {
    const { items } = await ctx.client.resource(ref as TypedRef<ObjectLike>).list({ namespace })
    for (const object of items)
      if (inScope(quota, ref.resource, object as KubeObject)) addTo(used, usedBy(ref, object, ctx.clock.now()))
  }
  return used
}

/** Adds what one object takes of that which is counted. */
function addTo(used: Usage, taken: Usage): void {
  for (const name in used)
    if (taken[name] !== undefined) used[name] = formatQuantity(addQuantities(used[name]!, taken[name]))
}

/** Whether a quota of these names has anything to do with a resource. */
function concerns(ref: ResourceRef, names: readonly string[]): boolean {
  const { group, resource } = ref
  if (names.includes(countOf(ref))) return true
  if (group === refs.resourceClaims.group && resource === refs.resourceClaims.resource)
    return names.some((name) => name.endsWith(DEVICES))
  if (group !== '') return false
  if (names.includes(resource)) return true
  const others = names.filter((name) => !name.startsWith('count/'))
  if (resource === 'services') return others.some((name) => name.startsWith('services.'))
  if (resource === 'persistentvolumeclaims')
    return others.some((name) => name === 'requests.storage' || name.includes('.storageclass.storage.k8s.io/'))
  return (
    resource === 'pods' &&
    others.some((name) => /^(requests|limits)\.|^(cpu|memory|ephemeral-storage)$|^hugepages-/.test(name))
  )
}
