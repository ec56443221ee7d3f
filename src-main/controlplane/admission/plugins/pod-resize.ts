import type { Node, Pod } from '#types/core/v1'
import { podResources } from '../../../../src-kube/kinds/quota/usage.ts'
import { forbidden, StatusError } from '../../../../src-kube/machinery/errors.ts'
import { bytesValue, milliValue } from '../../../../src-kube/machinery/quantity.ts'
import type { AdmissionAttributes, AdmissionPlugin, ObjectReader } from '../admission.ts'
import { refusalName } from '../refusal-name.ts'

/**
 * Refuses a resize to more than the pod's node has for all its pods, which could never be (kubernetes.io, "Admission Controllers Reference:
 * PodResizeValidator"; KEP-1287). What only does not fit beside others is left to the node, which defers it.
 */
export function podResize(read: ObjectReader): AdmissionPlugin {
  return {
    name: 'PodResizeValidator',
    resources: ['pods'],
    handles: ({ operation, subresource }) => operation === 'UPDATE' && subresource === 'resize',
    async validate(attributes) {
      const pod = attributes.object as Pod
      const { nodeName } = pod.spec
      if (!nodeName || pod.metadata.generation === attributes.oldObject?.metadata.generation) return
      const node = (await read.get('', 'nodes', '', nodeName)) as Node | undefined
      if (!node) throw refuse(attributes, `node ${JSON.stringify(nodeName)} not found`)
      const os = node.metadata.labels?.['kubernetes.io/os'] ?? 'linux'
      if (os !== 'linux') {
        const words = `pod resize is only supported on linux nodes, node ${JSON.stringify(nodeName)} is ${JSON.stringify(os)}`
        throw refuse(attributes, words, 'UnsupportedPlatform')
      }
      const missing = beyond(pod, node)
      if (missing.length > 0) {
        const words = `node didn't have enough allocatable resources: ${missing.join('; ')}`
        throw refuse(attributes, words, 'NodeCapacity')
      }
    },
  }
}

/** In the words of the refusal: thousandths of a processor, bytes. */
function beyond(pod: Pod, { status }: Node): string[] {
  const requests = podResources(pod, 'requests')
  const kinds = [
    ['cpu', milliValue],
    ['memory', bytesValue],
  ] as const
  return kinds.flatMap(([name, amount]) => {
    const [requested, allocatable] = [amount(requests[name]), amount(status?.allocatable?.[name])]
    return requested > allocatable ? [`${name}, requested: ${requested}, allocatable: ${allocatable}`] : []
  })
}

function refuse(attributes: AdmissionAttributes, words: string, cause?: string): StatusError {
  const { code, reason, message, details } = forbidden({ group: '', resource: 'pods' }, refusalName(attributes), words)
  return new StatusError(code, reason, message, { ...details, ...(cause ? { causes: [{ reason: cause }] } : {}) })
}
