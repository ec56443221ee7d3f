import type { HorizontalPodAutoscaler } from '#types/autoscaling/v2'
import type { Scale } from '#types/autoscaling/v1'
import { findKind } from '../../../../src-kube/kinds/index.ts'
import { type ResourceRef, resourceOf } from '../../../../src-kube/kinds/descriptor.ts'
import { parseApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import type { ObjectLike } from '../../../../src-kube/machinery/meta.ts'
import type { ControllerContext } from '../../../../src-kube/runtime/controller.ts'

/** The subresource `scale` of an autoscaler's target. */
export interface ScaleTarget {
  resource: ResourceRef
  scale: Scale & ObjectLike
}

/** Reads how many replicas a target has and wants; throws when it has no such thing. */
export async function readScale(ctx: ControllerContext, hpa: HorizontalPodAutoscaler): Promise<ScaleTarget> {
  const { kind, name, apiVersion } = hpa.spec.scaleTargetRef
  const { group } = parseApiVersion(apiVersion ?? '')
  const descriptor = findKind(group, kind)
  if (!descriptor?.scale)
    throw new Error(`no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`)
  const resource = resourceOf(descriptor)
  const { namespace } = hpa.metadata
  const scale = await ctx.client.transport.request({ verb: 'get', resource, subresource: 'scale', namespace, name })
  return { resource, scale: scale as unknown as ScaleTarget['scale'] }
}

export async function writeScale(ctx: ControllerContext, { resource, scale }: ScaleTarget, replicas: number) {
  const body = { ...scale, spec: { ...scale.spec, replicas } }
  await ctx.client.resource(resource).updateSubresource('scale', body)
}
