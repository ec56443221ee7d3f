import { extendedClassesOf, isOfDevices, type ExtendedClasses } from '../devices/extended-resources.ts'
import type { NodeInfo } from '../framework/node-info.ts'
import type { ClusterEvent, Failure, Plugin } from '../framework/plugin.ts'
import { podInfoOf, type PodInfo } from '../framework/pod-info.ts'
import { freesRoom, type Requests } from '../framework/requests.ts'

const TOO_MANY_PODS = 'Too many pods'
/** Failures by their reasons: the same few come up for every node. */
const failures = new Map<string, Failure>()

function failureOf(reasons: readonly string[], unresolvable: boolean): Failure {
  const key = `${unresolvable}/${reasons.join('/')}`
  let failure = failures.get(key)
  if (!failure) failures.set(key, (failure = { reasons, unresolvable }))
  return failure
}

/** What is missing on a node for the requests, but what devices may stand for there; undefined when all fits. */
function missing(requests: Requests, node: NodeInfo, devices: ExtendedClasses | undefined): Failure | undefined {
  const { milliCpu, memory, ephemeralStorage, scalars } = requests
  const fits =
    node.freePods > 0 &&
    (milliCpu === 0 || milliCpu <= node.freeCpu) &&
    (memory === 0 || memory <= node.freeMemory) &&
    (ephemeralStorage === 0 || ephemeralStorage <= node.allocatableEphemeralStorage - node.ephemeralStorage)
  if (fits && scalars.size === 0) return undefined
  return explain(requests, node, devices)
}

function explain(requests: Requests, node: NodeInfo, devices: ExtendedClasses | undefined): Failure | undefined {
  const reasons: string[] = []
  let isUnresolvable = false
  const compare = (name: string, wanted: number, allocatable: number, used: number) => {
    if (wanted === 0 || wanted <= allocatable - used) return
    reasons.push(`Insufficient ${name}`)
    if (wanted > allocatable) isUnresolvable = true
  }
  if (node.pods.size + 1 > node.allocatablePods) reasons.push(TOO_MANY_PODS)
  compare('cpu', requests.milliCpu, node.allocatableCpu, node.cpu)
  compare('memory', requests.memory, node.allocatableMemory, node.memory)
  compare('ephemeral-storage', requests.ephemeralStorage, node.allocatableEphemeralStorage, node.ephemeralStorage)
  for (const [name, wanted] of requests.scalars)
    if (!devices?.has(name) || !isOfDevices(name, node))
      compare(name, wanted, node.allocatableScalars.get(name) ?? 0, node.scalars.get(name) ?? 0)
  return reasons.length ? failureOf(reasons, isUnresolvable) : undefined
}

/** Requests must fit into what is allocatable and free; emptier nodes score higher (LeastAllocated over cpu and memory). */
export const nodeResourcesFit: Plugin = {
  name: 'NodeResourcesFit',
  preFilter(pod, { lookups }) {
    const { requests } = pod
    const devices = requests.scalars.size > 0 ? extendedClassesOf(pod, lookups) : undefined
    return { check: (node) => missing(requests, node, devices) }
  },
  preScore: ({ requests }) => ({ score: (node) => leastAllocated(requests, node) }),
  mayHelp,
}

function leastAllocated(requests: Requests, node: NodeInfo): number {
  let sum = 0
  let weights = 0
  if (node.allocatableCpu > 0) {
    sum += free(node.nonZeroCpu + requests.nonZeroCpu, node.allocatableCpu)
    weights++
  }
  if (node.allocatableMemory > 0) {
    sum += free(node.nonZeroMemory + requests.nonZeroMemory, node.allocatableMemory)
    weights++
  }
  return weights ? Math.floor(sum / weights) : 0
}

const free = (wanted: number, allocatable: number) =>
  wanted > allocatable ? 0 : Math.floor(((allocatable - wanted) * 100) / allocatable)

function mayHelp(event: ClusterEvent, pod: PodInfo): boolean {
  if (event.resource === 'node') {
    if (!event.old) return true
    const [now, before] = [event.node.status?.allocatable ?? {}, event.old.status?.allocatable ?? {}]
    return Object.keys(now).some((name) => now[name] !== before[name])
  }
  // Classes may come to stand for extended resources.
  if (event.resource === 'device') return pod.requests.scalars.size > 0
  if (event.resource !== 'pod') return false
  if (event.action === 'delete') return !!event.pod.spec.nodeName
  if (event.pod.metadata.uid === pod.uid) return true
  return event.action === 'update' && freesRoom(podInfoOf(event.pod).requests, podInfoOf(event.old).requests)
}
