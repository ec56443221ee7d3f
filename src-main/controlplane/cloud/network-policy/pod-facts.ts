import type { Pod } from '#types/core/v1'
import { ipToNumber } from '../../../../src-kube/machinery/ipv4.ts'
import { objectKey } from '../../../../src-kube/machinery/meta.ts'

/** What network policies ask of a pod. */
export interface PodFacts {
  /** `namespace/name`; empty for what is no pod but stands for one. */
  key: string
  uid: string
  namespace: string
  labels: Readonly<Record<string, string>>
  /** Empty for what runs on no node. */
  node: string
  ip: string
  /** On its way out: who has its address too is the next. */
  leaving: boolean
  ports: ReadonlyArray<{ name: string; protocol: string; port: number }>
}

/**
 * Undefined for a pod that policies do not know: one without an IPv4 address of its own, since it has none yet or is on its node's network
 * (kubernetes.io, "Network Policies": such a pod is taken for its node), and one that has ended and given its address back.
 */
export function podFacts(pod: Pod): PodFacts | undefined {
  const { metadata, spec, status } = pod
  const ip = status?.podIP
  if (!ip || ipToNumber(ip) === undefined || !spec.nodeName || spec.hostNetwork) return undefined
  if (status.phase === 'Succeeded' || status.phase === 'Failed') return undefined
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  const ports = [...spec.containers, ...sidecars].flatMap((container) => container.ports ?? [])
  return {
    key: objectKey(pod),
    uid: metadata.uid,
    namespace: metadata.namespace ?? '',
    labels: metadata.labels ?? {},
    node: spec.nodeName,
    ip,
    leaving: metadata.deletionTimestamp !== undefined,
    ports: ports.flatMap(({ name, protocol = 'TCP', containerPort: port }) => (name ? [{ name, protocol, port }] : [])),
  }
}

/** Whether policies see no difference; ports do not change while a pod lives. */
export function sameFacts(left: PodFacts | undefined, right: PodFacts | undefined): boolean {
  if (!left || !right) return left === right
  return (
    left.uid === right.uid &&
    left.ip === right.ip &&
    left.node === right.node &&
    left.leaving === right.leaving &&
    sameLabels(left.labels, right.labels)
  )
}

/** Equal by names and values, whatever their order. */
export function sameLabels(left: PodFacts['labels'], right: PodFacts['labels']): boolean {
  const keys = Object.keys(left)
  return keys.length === Object.keys(right).length && keys.every((key) => left[key] === right[key])
}
