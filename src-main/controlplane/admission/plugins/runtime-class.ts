import type { Pod, Toleration } from '#types/core/v1'
import type { RuntimeClass } from '#types/node.k8s.io/v1'
import { forbidden } from '../../../../src-kube/machinery/errors.ts'
import { compareQuantities } from '../../../../src-kube/machinery/quantity.ts'
import type { AdmissionPlugin, ObjectReader } from '../admission.ts'
import { refusalName } from '../refusal-name.ts'

/** Gives a pod what its runtime class asks for: overhead, nodes, tolerations (kubernetes.io, "Runtime Class"). */
export function runtimeClass(read: ObjectReader): AdmissionPlugin {
  return {
    name: 'RuntimeClass',
    resources: ['pods'],
    handles: ({ operation, subresource, object }) => {
      if (operation !== 'CREATE' || subresource !== '') return false
      const { spec } = object as Pod
      return Boolean(spec.runtimeClassName) || spec.overhead !== undefined
    },
    async admit(attributes) {
      const { object } = attributes
      const pod = object as Pod
      const refuse = (words: string): never => {
        throw forbidden({ group: '', resource: 'pods' }, refusalName(attributes), words)
      }
      const wanted = pod.spec.runtimeClassName
      const found = wanted
        ? ((await read.get('node.k8s.io', 'runtimeclasses', '', wanted)) as RuntimeClass | undefined)
        : undefined
      if (wanted && !found) refuse(`pod rejected: RuntimeClass ${JSON.stringify(wanted)} not found`)
      setOverhead(pod, found?.overhead?.podFixed, refuse)
      if (found?.scheduling) setScheduling(pod, found.scheduling, refuse)
    },
  }
}

function setOverhead(pod: Pod, fixed: Record<string, string> | undefined, refuse: (words: string) => never): void {
  const own = pod.spec.overhead as Record<string, string> | undefined
  if (!fixed || Object.keys(fixed).length === 0) {
    if (own && Object.keys(own).length > 0)
      refuse('pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
    return
  }
  if (own && !equal(own, fixed)) refuse("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
  pod.spec.overhead = { ...fixed }
}

function equal(a: Record<string, string>, b: Record<string, string>): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].every(
    (name) => a[name] !== undefined && b[name] !== undefined && compareQuantities(a[name], b[name]) === 0,
  )
}

function setScheduling(
  pod: Pod,
  { nodeSelector = {}, tolerations = [] }: NonNullable<RuntimeClass['scheduling']>,
  refuse: (words: string) => never,
): void {
  const own = pod.spec.nodeSelector ?? {}
  for (const [key, value] of Object.entries(nodeSelector))
    if (own[key] !== undefined && own[key] !== value)
      refuse(
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own[key]}`,
      )
  if (Object.keys(nodeSelector).length > 0) pod.spec.nodeSelector = { ...own, ...nodeSelector }
  const kept = pod.spec.tolerations ?? []
  const added = tolerations.filter((one) => !kept.some((other) => isSame(one, other)))
  if (added.length > 0) pod.spec.tolerations = [...kept, ...structuredClone(added)]
}

const isSame = (a: Toleration, b: Toleration): boolean =>
  (['key', 'operator', 'value', 'effect', 'tolerationSeconds'] as const).every((field) => a[field] === b[field])
