import type { Scale as ScaleObject } from '#types/autoscaling/v1'
import type { Pod } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { isNotFound } from '../../../../src-kube/machinery/errors.ts'
import { parseApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import { controllerOf, type ObjectLike } from '../../../../src-kube/machinery/meta.ts'
import type { ControllerContext } from '../../../../src-kube/runtime/controller.ts'
import type { ResourceSource } from '../discovery.ts'

/** How many pods there shall be and how many nobody answers for, or why that cannot be told. */
export type Scale = { count: number; unmanaged: number } | { error: string }

type Owner = NonNullable<ReturnType<typeof controllerOf>>

/** The object that decides on the number of pods, and that number; undefined when the object is gone, words when its kind has no scale. */
type Wanted = { uid: string; replicas: number } | string | undefined

/** How many pods the controllers of these pods want together, each controller counted once. */
export async function scaleOf(
  ctx: ControllerContext,
  resources: Pick<ResourceSource, 'find'>,
  pods: readonly Pod[],
): Promise<Scale> {
  const counts = new Map<string, number>()
  let unmanaged = 0
  for (const pod of pods) {
    const owner = controllerOf(pod)
    if (!owner) unmanaged++
    else if (!counts.has(owner.uid)) {
      const namespace = pod.metadata.namespace ?? ''
      const found = isBuiltIn(owner) ? wantedBy(ctx, namespace, owner) : await askedOf(ctx, resources, namespace, owner)
      if (typeof found === 'string') return { error: found }
      if (!found) return { error: `found no controllers for pod "${pod.metadata.name}"` }
      counts.set(owner.uid, 0)
      counts.set(found.uid, found.replicas)
    }
  }
  return { count: [...counts.values()].reduce((sum, count) => sum + count, 0), unmanaged }
}

const kinds = new Set(['ReplicationController', 'apps/ReplicaSet', 'apps/StatefulSet'])

function isBuiltIn({ kind, apiVersion }: Owner): boolean {
  const { group } = parseApiVersion(apiVersion)
  return kinds.has(group ? `${group}/${kind}` : kind)
}

function wantedBy(ctx: ControllerContext, namespace: string, { kind, name, uid }: Owner): Wanted {
  const key = `${namespace}/${name}`
  if (kind === 'ReplicationController') {
    const found = ctx.informer(refs.replicationControllers).get(key)
    return found?.metadata.uid === uid ? { uid, replicas: found.spec?.replicas ?? 1 } : undefined
  }
  const found = ctx.informer(kind === 'StatefulSet' ? refs.statefulSets : refs.replicaSets).get(key)
  if (found?.metadata.uid !== uid) return undefined
  const above = kind === 'ReplicaSet' ? controllerOf(found) : undefined
  if (above?.kind !== 'Deployment') return { uid, replicas: found.spec.replicas ?? 1 }
  const deployment = ctx.informer(refs.deployments).get(`${namespace}/${above.name}`)
  return deployment?.metadata.uid === above.uid
    ? { uid: above.uid, replicas: deployment.spec.replicas ?? 1 }
    : undefined
}

/** Any other kind says it in its subresource `scale`, if it has one. */
async function askedOf(
  ctx: ControllerContext,
  resources: Pick<ResourceSource, 'find'>,
  namespace: string,
  { kind, apiVersion, name, uid }: Owner,
): Promise<Wanted> {
  const { group } = parseApiVersion(apiVersion)
  const resource = resources.find(apiVersion, kind)
  const none = `${resource?.resource ?? `${kind.toLowerCase()}s`}.${group} does not implement the scale subresource`
  if (!resource) return none
  try {
    const answer = await ctx.client.transport.request({ verb: 'get', resource, subresource: 'scale', namespace, name })
    const { metadata, spec } = answer as ScaleObject & ObjectLike
    return metadata.uid === uid ? { uid, replicas: spec?.replicas ?? 0 } : undefined
  } catch (error) {
    if (isNotFound(error)) return none
    throw error
  }
}
