/**
 * Whether a pod that is bound to this node can be taken: a name in `nodeName` passes by the scheduler, and two schedulers may have
 * given the same room away twice. What does not fit fails for good, in upstream's words; its controller makes another.
 */
import type { Node, Pod } from '#types/core/v1'
import { podResources } from '../../../src-kube/kinds/quota/usage.ts'
import { bytesValue, milliValue } from '../../../src-kube/machinery/quantity.ts'
import { tolerates } from '../../../src-kube/machinery/tolerations.ts'
import { selectsNode } from './node-selector.ts'
import { forbiddenSysctl } from './sysctls.ts'
import type { Refusal } from './failure.ts'
import { refusal } from './refusal.ts'

/** What a pod has to fit into. */
export interface AdmissionFacts {
  node: Node
  /** The pods that take something of the node already. */
  others: readonly Pod[]
  /** Kernel parameters that pods may set besides the safe ones. */
  allowedSysctls?: readonly string[] | undefined
}

/** Why the node does not take a pod; undefined when it does. Checked in upstream's order: room, selector, ports, taints. Pure. */
export function admissionRefusal(pod: Pod, { node, others, allowedSysctls }: AdmissionFacts): Refusal | undefined {
  return (
    wrongSystem(pod, node) ??
    noRoom(pod, node, others) ??
    (selectsNode(pod, node)
      ? undefined
      : failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")) ??
    (portsFree(pod, others)
      ? undefined
      : failed('NodePorts', "node(s) didn't have free ports for the requested pod ports")) ??
    (toleratesNode(pod, node)
      ? undefined
      : failed('TaintToleration', "node(s) had taints that the pod didn't tolerate")) ??
    sysctlRefusal(pod, allowedSysctls)
  )
}

const failed = (predicate: string, words: string): Refusal =>
  refusal(predicate, `Predicate ${predicate} failed: ${words}`)

function sysctlRefusal(pod: Pod, allowed: readonly string[] | undefined): Refusal | undefined {
  const words = forbiddenSysctl(pod, allowed)
  return words === undefined ? undefined : refusal('SysctlForbidden', words)
}

const OS_LABEL = 'kubernetes.io/os'

function wrongSystem({ spec }: Pod, node: Node): Refusal | undefined {
  const wanted = spec.nodeSelector?.[OS_LABEL]
  if (wanted !== undefined && wanted !== node.metadata.labels?.[OS_LABEL])
    return refusal(
      'PodOSSelectorNodeLabelDoesNotMatch',
      "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
    )
  if (spec.os && spec.os.name !== 'linux')
    return refusal('PodOSNotSupported', "Failed to admit pod as the OS field doesn't match node OS")
  return undefined
}

/** What there is too little of, in the resource's own measure. */
interface Shortage {
  requested: number
  used: number
  capacity: number
}

/** In the order of upstream's words; thousandths of a processor, all else whole. */
function noRoom(pod: Pod, { status }: Node, others: readonly Pod[]): Refusal | undefined {
  const allocatable = (status?.allocatable ?? {}) as Record<string, string>
  const most = bytesValue(allocatable['pods'])
  if (allocatable['pods'] !== undefined && others.length + 1 > most) {
    return outOf('pods', { requested: 1, used: others.length, capacity: most })
  }
  const wanted = requestsOf(pod)
  for (const name of new Set(['cpu', 'memory', 'ephemeral-storage', ...Object.keys(wanted)])) {
    // What the node does not know of at all is not its own to judge.
    if (allocatable[name] === undefined) continue
    const amount = (text: string | undefined): number => (name === 'cpu' ? milliValue(text) : bytesValue(text))
    const [requested, capacity] = [amount(wanted[name]), amount(allocatable[name])]
    if (requested === 0) continue
    const used = others.reduce((sum, other) => sum + amount(requestsOf(other)[name]), 0)
    if (requested > capacity - used) return outOf(name, { requested, used, capacity })
  }
  return undefined
}

/** Whether there is room for a pod beside others. Pure. */
export const fitsBeside = (pod: Pod, node: Node, others: readonly Pod[]): boolean => !noRoom(pod, node, others)

/** Resources of the pod as a whole stand for those of its containers. */
export const requestsOf = (pod: Pod): Record<string, string> => ({
  ...podResources(pod, 'requests'),
  ...(pod.spec.resources?.requests as Record<string, string> | undefined),
})

const outOf = (name: string, { requested, used, capacity }: Shortage): Refusal =>
  refusal(
    `OutOf${name}`,
    `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
  )

/** Why a pod that runs here is not given the resources that it asks for now; undefined when it can be (KEP-1287). Pure. */
export function resizeRefusal(asking: Pod, { node, others }: AdmissionFacts): ResizeRefusal | undefined {
  // A status that tells of an earlier refusal stands for what the pod has, and not for what it asks.
  const { status: _, ...pod } = asking
  const never = noRoom(pod, node, [])
  if (never) {
    const message = never.words.replace('enough resource', 'enough capacity').replace(/used: \d+, /, '')
    return { reason: 'Infeasible', message }
  }
  const now = noRoom(pod, node, others)
  return now && { reason: 'Deferred', message: now.words }
}

/** Why a resize is not carried out (KEP-1287). */
export interface ResizeRefusal {
  /** It can never be, or not before others have left. */
  reason: 'Infeasible' | 'Deferred'
  message: string
}

interface Port {
  ip: string
  port: number
  protocol: string
}

const ANY = '0.0.0.0'

function portsOf({ spec }: Pod): Port[] {
  const containers = [
    ...spec.containers,
    ...(spec.initContainers ?? []).filter((one) => one.restartPolicy === 'Always'),
  ]
  return containers
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ hostIP, hostPort, protocol }) =>
      hostPort ? [{ ip: hostIP || ANY, port: hostPort, protocol: protocol ?? 'TCP' }] : [],
    )
}

function portsFree(pod: Pod, others: readonly Pod[]): boolean {
  const wanted = portsOf(pod)
  if (wanted.length === 0) return true
  const clash = (a: Port, b: Port): boolean =>
    a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === ANY || b.ip === ANY)
  return !others.flatMap(portsOf).some((used) => wanted.some((one) => clash(one, used)))
}

/** Only what drives pods away keeps them off a node that they are bound to (kubernetes.io, "Taints and Tolerations"). */
function toleratesNode({ spec }: Pod, node: Node): boolean {
  return (node.spec?.taints ?? [])
    .filter(({ effect }) => effect === 'NoExecute')
    .every((taint) => tolerates(spec.tolerations, taint))
}
