import type { HorizontalPodAutoscaler } from '#types/autoscaling/v2'
import type { Scale } from '#types/autoscaling/v1'
import type { ResourceRef } from '../../../../src-kube/kinds/descriptor.ts'
import { parseApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import type { ObjectLike } from '../../../../src-kube/machinery/meta.ts'
import type { ControllerContext } from '../../../../src-kube/runtime/controller.ts'
import type { ResourceSource } from '../discovery.ts'

/** The subresource `scale` of an autoscaler's target. */
export interface ScaleTarget {
  resource: ResourceRef
  scale: Scale & ObjectLike
}

/** Reads how many replicas a target has and wants, of built-in and of custom kinds; throws when it has no such thing. */
export async function readScale(
  ctx: ControllerContext,
  resources: Pick<ResourceSource, 'find'>,
  { metadata: { namespace }, spec }: HorizontalPodAutoscaler,
): Promise<ScaleTarget> {
  const { kind, name, apiVersion = '' } = spec.scaleTargetRef
  const resource = resources.find(apiVersion, kind)
  if (!resource)
    throw new Error(
      `no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(parseApiVersion(apiVersion).group)}`,
    )
  const scale = await ctx.client.transport.request({ verb: 'get', resource, subresource: 'scale', namespace, name })
  return { resource, scale: scale as ScaleTarget['scale'] }
}

/** Writes the wanted replicas through the subresource `scale`. Throws `StatusError` 409 when it changed since it was read. */
export async function writeScale(ctx: ControllerContext, { resource, scale }: ScaleTarget, replicas: number) {
  const body = { ...scale, spec: { ...scale.spec, replicas } }
  await ctx.client.resource(resource).updateSubresource('scale', body)
}
