import type { DownwardAPIVolumeFile, Pod, ResourceFieldSelector } from '#types/core/v1'
import { bytesValue, milliValue } from '../../../src-kube/machinery/quantity.ts'
import type { Payload } from './atomic-writer.ts'

/** What a pod's fields are read from besides the pod itself. */
export interface DownwardFacts {
  podIp?: string | undefined
  nodeIp: string
  nodeName: string
  /** What a limit that is not set stands for. */
  allocatable: Record<string, string>
}

/** The files of a downwardAPI volume. */
export function downwardPayload(
  items: readonly DownwardAPIVolumeFile[],
  defaultMode: number,
  pod: Pod,
  facts: DownwardFacts,
): Payload {
  const payload: Payload = new Map()
  for (const { path, fieldRef, resourceFieldRef, mode } of items) {
    const text = fieldRef
      ? fieldValue(pod, fieldRef.fieldPath, facts)
      : resourceFieldRef
        ? resourceValue(pod, resourceFieldRef, facts)
        : ''
    payload.set(path, { data: Buffer.from(text), mode: mode ?? defaultMode })
  }
  return payload
}

/** The text of a pod's field, by its path: `metadata.labels`, `metadata.annotations['a']`, `status.podIP`, … */
export function fieldValue(
  pod: Pod,
  path: string,
  facts: Pick<DownwardFacts, 'podIp' | 'nodeIp' | 'nodeName'>,
): string {
  const { metadata } = pod
  const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path)
  if (subscript) return metadata[subscript[1] as 'labels' | 'annotations']?.[subscript[2] ?? ''] ?? ''
  const fields: Record<string, () => string | undefined> = {
    'metadata.name': () => metadata.name,
    'metadata.namespace': () => metadata.namespace,
    'metadata.uid': () => metadata.uid,
    'metadata.labels': () => formatMap(metadata.labels),
    'metadata.annotations': () => formatMap(metadata.annotations),
    'spec.nodeName': () => facts.nodeName,
    'spec.serviceAccountName': () => pod.spec?.serviceAccountName,
    'status.hostIP': () => facts.nodeIp,
    'status.hostIPs': () => facts.nodeIp,
    'status.podIP': () => facts.podIp,
    'status.podIPs': () => facts.podIp,
  }
  const read = fields[path]
  if (!read) throw new Error(`unsupported fieldPath: ${path}`)
  return read() ?? ''
}

/** The amount of a container's request or limit in units of the divisor, rounded up. */
export function resourceValue(
  pod: Pod,
  { containerName, resource, divisor }: ResourceFieldSelector,
  facts: Pick<DownwardFacts, 'allocatable'>,
): string {
  const all = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]
  const container = all.find(({ name }) => name === containerName)
  if (!container) throw new Error(`container ${containerName ?? ''} not found`)
  const [kind, ...rest] = resource.split('.')
  const name = rest.join('.')
  if ((kind !== 'limits' && kind !== 'requests') || !name) {
    throw new Error(`unsupported container resource : ${resource}`)
  }
  const amounts = container.resources?.[kind] as Record<string, string> | undefined
  const amount = amounts?.[name] ?? (kind === 'limits' ? facts.allocatable[name] : undefined) ?? '0'
  const unit = divisor && divisor !== '0' ? divisor : '1'
  const value = name === 'cpu' ? milliValue(amount) / milliValue(unit) : bytesValue(amount) / bytesValue(unit)
  return String(Math.ceil(value))
}

/** `key="value"` lines by key, as upstream writes labels and annotations. */
export function formatMap(map: Record<string, string> | undefined): string {
  return Object.keys(map ?? {})
    .sort()
    .map((key) => `${key}=${JSON.stringify(map?.[key] ?? '')}`)
    .join('\n')
}
