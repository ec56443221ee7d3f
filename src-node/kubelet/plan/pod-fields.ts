import type { Container, Pod, ResourceFieldSelector } from '#types/core/v1'
import { bytesValue, milliValue } from '../../../src-kube/machinery/quantity.ts'
import { goQuote } from './go-quote.ts'

/** What a pod's fields are read from besides its object. */
export interface PodFacts {
  nodeName: string
  nodeIp: string
  /** Empty or undefined before the pod has one. */
  podIp?: string | undefined
}

/** What a container may use of the node, by resource: stands for a limit that is not set. */
export type Allocatable = Readonly<Record<string, string>>

/**
 * The text of a pod's field by its path: `metadata.labels['a']`, `status.podIP`, … (kubernetes.io, "Downward API"); for the
 * variables and the files of a pod alike. Throws in upstream's words for a path that it does not know.
 */
export function fieldValue(pod: Pod, path: string, facts: PodFacts): string {
  const { metadata, spec } = pod
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path)
  if (keyed) return metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2]!] ?? ''
  const fields: Record<string, string | undefined> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'metadata.labels': formatMap(metadata.labels),
    'metadata.annotations': formatMap(metadata.annotations),
    'spec.nodeName': spec.nodeName ?? facts.nodeName,
    'spec.serviceAccountName': spec.serviceAccountName,
    'status.hostIP': facts.nodeIp,
    'status.hostIPs': facts.nodeIp,
    'status.podIP': facts.podIp,
    'status.podIPs': facts.podIp,
  }
  if (!Object.hasOwn(fields, path)) throw new Error(`unsupported fieldPath: ${path}`)
  return fields[path] ?? ''
}

/** `key="value"` lines by key, as upstream writes labels and annotations. */
export function formatMap(map: Record<string, string> | undefined): string {
  return Object.entries(map ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${goQuote(value)}`)
    .join('\n')
}

const defaulted = new Set(['cpu', 'memory', 'ephemeral-storage'])

/**
 * A request or limit of a container in units of the divisor, rounded up. A limit of cpu, memory or ephemeral storage that is absent
 * or zero is the pod's own, else what the node can give (kubernetes.io, "Downward API: Information available via resourceFieldRef").
 */
export function resourceValue(
  pod: Pod,
  selector: ResourceFieldSelector,
  allocatable: Allocatable,
  own?: Container,
): string {
  const container = selector.containerName ? containerOf(pod, selector.containerName) : own
  if (!container) throw new Error(`container ${selector.containerName ?? ''} not found`)
  const [, kind, name] =
    /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.+)$/.exec(selector.resource) ?? []
  if (!kind || !name) throw new Error(`unsupported container resource : ${selector.resource}`)
  const set = container.resources?.[kind as 'limits' | 'requests']?.[name] ?? '0'
  const missing = kind === 'limits' && defaulted.has(name) && milliValue(set) === 0
  const amount = missing ? (pod.spec.resources?.limits?.[name] ?? allocatable[name] ?? set) : set
  const inUnits = name === 'cpu' ? milliValue : bytesValue
  const divisor = inUnits(selector.divisor ?? '0') === 0 ? '1' : selector.divisor
  return String(Math.ceil(inUnits(amount) / inUnits(divisor)))
}

const containerOf = ({ spec }: Pod, name: string): Container | undefined =>
  [...spec.containers, ...(spec.initContainers ?? [])].find((container) => container.name === name)

/** Whether a value asks for a limit, which may need the node's own numbers. */
export const asksLimit = (selector: ResourceFieldSelector | undefined): boolean =>
  selector?.resource.startsWith('limits.') ?? false
