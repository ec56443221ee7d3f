import type { Container, Pod, PodSpec } from '#types/core/v1'
import { badRequest } from '../../../../src-kube/machinery/errors.ts'
import type { SubresourceBehaviour } from './subresource.ts'

/**
 * `PUT` and `PATCH pods/<name>/resize` (kubernetes.io, "Resize CPU and Memory Resources assigned to Containers"): of what is sent, the resources
 * and the resize policy of containers that are there, and the resources of the pod as a whole (KEP-5419); the rest of the pod stays.
 */
export const resize: SubresourceBehaviour = {
  name: 'resize',
  of: '/pods',
  merge(current, sent) {
    const pod = current as Pod
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed')
      throw badRequest(`pod ${pod.metadata.name} is in phase ${pod.status.phase} and cannot be resized`)
    const asked = (sent as Pod).spec
    const { resourceVersion, uid } = sent.metadata
    return {
      ...current,
      metadata: { ...current.metadata, resourceVersion, uid },
      spec: {
        ...pod.spec,
        ...(asked.resources ? { resources: asked.resources } : {}),
        containers: resized(pod.spec.containers, asked.containers ?? []),
        ...(pod.spec.initContainers
          ? { initContainers: resized(pod.spec.initContainers, asked.initContainers ?? []) }
          : {}),
      } satisfies PodSpec,
    }
  },
}

function resized(containers: readonly Container[], asked: readonly Container[]): Container[] {
  return containers.map((container) => {
    const wish = asked.find(({ name }) => name === container.name)
    if (!wish) return container
    const { resources: _, resizePolicy: __, ...rest } = container
    return {
      ...rest,
      ...(wish.resources ? { resources: wish.resources } : {}),
      ...(wish.resizePolicy ? { resizePolicy: wish.resizePolicy } : {}),
    }
  })
}
