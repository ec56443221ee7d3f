import type { ResourceQuota } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import type { TypedRef } from '../../../src-kube/client/typed-client.ts'
import type { ResourceRef } from '../../../src-kube/kinds/descriptor.ts'
import { inScope } from '../../../src-kube/kinds/quota/scopes.ts'
import { usageOf, type Usage } from '../../../src-kube/kinds/quota/usage.ts'
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
/** Kinds whose leaving gives something back at once. */
const GIVING: ReadonlyArray<TypedRef<ObjectLike>> = [
  refs.pods,
  refs.services,
  refs.persistentVolumeClaims,
  refs.configMaps,
  refs.secrets,
  refs.replicationControllers,
] as unknown as ReadonlyArray<TypedRef<ObjectLike>>

/**
 * Keeps `status.hard` and `status.used` of quotas (kubernetes.io, "Resource Quotas"). Admission adds what comes; this takes away what
 * goes. Creations do not wake it: it could count before an object that is already charged is there, and let one too many in.
 */
export function resourceQuotaController(): AnyController {
  return defineController<ResourceQuota>({
    name: 'resourcequota-controller',
    for: refs.resourceQuotas,
    watches: GIVING.map((ref) =>
      watching(ref, (object, ctx, old) => {
        const { namespace, name } = object.metadata
        const stands = ctx.informer(ref).get(`${namespace}/${name}`) !== undefined
        const changed = old !== undefined && !equal(of(ref, object), of(ref, old))
        return stands && !changed ? [] : quotasOf(ctx, namespace)
      }),
    ),
    async reconcile(ctx, quota) {
      const hard = (quota.spec?.hard ?? {}) as Usage
      const used = await count(ctx, quota, Object.keys(hard))
      if (equal(quota.status?.hard, hard) && equal(quota.status?.used, used)) return requeueAfter(RESYNC)
      await ctx.client.resource(refs.resourceQuotas).updateStatus({ ...quota, status: { hard, used } })
      return requeueAfter(RESYNC)
    },
  })
}

const of = (ref: ResourceRef, object: ObjectLike): Usage =>
  usageOf(ref.group, ref.resource, object as unknown as KubeObject)

function quotasOf(ctx: ControllerContext, namespace: string | undefined): string[] {
  const quotas = ctx.informer(refs.resourceQuotas).list()
  return quotas.flatMap(({ metadata }) => (metadata.namespace === namespace ? `${namespace}/${metadata.name}` : []))
}

async function count(ctx: ControllerContext, quota: ResourceQuota, names: readonly string[]): Promise<Usage> {
  const used: Usage = Object.fromEntries(names.map((name) => [name, '0']))
  const namespace = quota.metadata.namespace!
  for (const ref of builtInResources().filter((one) => one.namespaced && concerns(one, names))) {
    const { items } = await ctx.client.resource(ref as unknown as TypedRef<ObjectLike>).list({ namespace })
    for (const object of items) {
      if (!inScope(quota, ref.resource, object as unknown as KubeObject)) continue
      const taken = of(ref, object)
      for (const name of names)
        if (taken[name] !== undefined) used[name] = formatQuantity(addQuantities(used[name]!, taken[name]))
    }
  }
  return used
}

/** Whether a quota of these names has anything to do with a resource. */
function concerns({ group, resource }: ResourceRef, names: readonly string[]): boolean {
  const counted = `count/${resource}${group ? `.${group}` : ''}`
  if (names.includes(counted)) return true
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
