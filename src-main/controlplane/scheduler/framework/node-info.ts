import type { Node, Taint } from '#types/core/v1'
import type { HostPort, PodInfo } from './pod-info.ts'
import { amount } from './requests.ts'

const noLabels: Readonly<Record<string, string>> = {}
const noTaints: readonly Taint[] = []

/**
 * A node and the sums over its pods (assumed ones included), kept at each change so that filters only compare numbers.
 * Adding and then removing a pod restores it exactly: preemption and nominated pods try things out on it.
 */
export class NodeInfo {
  // What filters ask of hundreds of nodes a cycle stands first and ready to be compared: each step further in memory would cost as much as a filter.
  readonly name: string
  /** Cordoned. */
  isUnschedulable = false
  freePods = 0
  freeCpu = 0
  freeMemory = 0
  /** Undefined while pods are bound to a node that is not (or no longer) there. */
  node: Node | undefined
  labels: Readonly<Record<string, string>> = noLabels
  taints: readonly Taint[] = noTaints
  allocatableCpu = 0
  allocatableMemory = 0
  allocatableEphemeralStorage = 0
  allocatablePods = 0
  allocatableScalars: ReadonlyMap<string, number> = new Map()
  /** Sizes in bytes by every name of an image. */
  images: ReadonlyMap<string, number> = new Map()

  readonly pods = new Map<string, PodInfo>()
  /** Pods with any affinity or anti-affinity term. */
  readonly withAffinity = new Set<PodInfo>()
  readonly withRequiredAntiAffinity = new Set<PodInfo>()
  cpu = 0
  memory = 0
  ephemeralStorage = 0
  nonZeroCpu = 0
  nonZeroMemory = 0
  readonly scalars = new Map<string, number>()
  readonly hostPorts: HostPort[] = []

  constructor(name: string) {
    this.name = name
  }

  setNode(node: Node): void {
    this.node = node
    this.labels = node.metadata.labels ?? noLabels
    this.taints = node.spec?.taints ?? noTaints
    const scalars = new Map<string, number>()
    for (const [name, text] of Object.entries(node.status?.allocatable ?? {})) scalars.set(name, amount(name, text))
    this.allocatableCpu = take(scalars, 'cpu')
    this.allocatableMemory = take(scalars, 'memory')
    this.allocatableEphemeralStorage = take(scalars, 'ephemeral-storage')
    this.allocatablePods = take(scalars, 'pods')
    this.allocatableScalars = scalars
    const images = new Map<string, number>()
    for (const { names, sizeBytes } of node.status?.images ?? [])
      for (const name of names ?? []) images.set(name, sizeBytes ?? 0)
    this.images = images
    this.isUnschedulable = node.spec?.unschedulable === true
    this.#settle()
  }

  #settle(): void {
    this.freePods = this.allocatablePods - this.pods.size
    this.freeCpu = this.allocatableCpu - this.cpu
    this.freeMemory = this.allocatableMemory - this.memory
  }

  addPod(pod: PodInfo): void {
    this.pods.set(pod.uid, pod)
    this.#count(pod, 1)
    const { antiAffinity } = pod
    if (antiAffinity.length) this.withRequiredAntiAffinity.add(pod)
    if (antiAffinity.length || pod.affinity.length || pod.preferredAffinity.length || pod.preferredAntiAffinity.length)
      this.withAffinity.add(pod)
    for (const port of pod.hostPorts) this.hostPorts.push(port)
  }

  /** Removes what was added under the pod's uid; answers whether it was there. */
  removePod(uid: string): boolean {
    const pod = this.pods.get(uid)
    if (!pod) return false
    this.pods.delete(uid)
    this.#count(pod, -1)
    this.withRequiredAntiAffinity.delete(pod)
    this.withAffinity.delete(pod)
    for (const port of pod.hostPorts) this.hostPorts.splice(this.hostPorts.indexOf(port), 1)
    return true
  }

  /** Of a pod that was put among the pods, or taken from them. */
  #count({ requests }: PodInfo, sign: 1 | -1): void {
    this.cpu += sign * requests.milliCpu
    this.memory += sign * requests.memory
    this.ephemeralStorage += sign * requests.ephemeralStorage
    this.nonZeroCpu += sign * requests.nonZeroCpu
    this.nonZeroMemory += sign * requests.nonZeroMemory
    if (requests.scalars.size)
      for (const [name, value] of requests.scalars) this.scalars.set(name, (this.scalars.get(name) ?? 0) + sign * value)
    this.#settle()
  }
}

function take(amounts: Map<string, number>, name: string): number {
  const value = amounts.get(name) ?? 0
  amounts.delete(name)
  return value
}
