import type { Container, Pod, PodSpec } from '#types/core/v1'
import { badRequest } from '../../../../src-kube/machinery/errors.ts'
import type { SubresourceBehaviour } from './subresource.ts'

/**
 * `PUT` and `PATCH pods/<name>/resize` (kubernetes.io, "Resize CPU and Memory Resources assigned to Containers"): of what is sent, the resources
 * and the resize policy of containers, and the resources of the pod as a whole (KEP-5419); the rest of the pod stays. Other containers than the pod
 * has, or in another order, are left for validation to refuse.
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
          : asked.initContainers?.length
            ? { initContainers: asked.initContainers }
            : {}),
      } satisfies PodSpec,
    }
  },
}

function resized(containers: Container[], asked: Container[]): Container[] {
  const namedAlike = containers.length === asked.length && containers.every(({ name }, i) => asked[i]!.name === name)
  if (!namedAlike) return asked
  return containers.map((container, i) => {
    const wish = asked[i]!
    const { resources: _, resizePolicy: __, ...rest } = container
    return {
      ...rest,
      ...(wish.resources ? { resources: wish.resources } : {}),
      ...(wish.resizePolicy ? { resizePolicy: wish.resizePolicy } : {}),
    }
  })
}
