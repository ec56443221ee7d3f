import type { Container, Pod } from '#types/core/v1'
import { resourcesOfContainer, resourcesOfPodItself } from '../../../../src-kube/kinds/core/resized-resources.ts'
import { bytesValue, milliValue } from '../../../../src-kube/machinery/quantity.ts'

/** What a pod asks of a node, as integers: cpu in thousandths, the rest in whole units. */
export interface Requests {
  milliCpu: number
  memory: number
  ephemeralStorage: number
  /** Extended resources and huge pages, most pods have none. */
  readonly scalars: ReadonlyMap<string, number>
  /** As cpu and memory, with 100m and 200 MiB for each container that asks nothing: only for scores. */
  nonZeroCpu: number
  nonZeroMemory: number
}

type Amounts = Map<string, number>

/** What a container counts for in scores that asks for nothing: thousandths of a processor, bytes. */
const defaultCpu = 100
const defaultMemory = 200 * 1024 * 1024
const none: ReadonlyMap<string, number> = new Map()

/**
 * The effective requests (kubernetes.io, "Init Containers: resource sharing" and "Sidecar Containers"): the sum of containers and
 * sidecars, or what the most demanding init container needs beside the sidecars started before it; pod-level requests win; overhead is added.
 * What is being resized counts for the most of what is asked and what it has.
 */
export function podRequests(pod: Pod): Requests {
  const exact = total(pod, false)
  const padded = total(pod, true)
  const milliCpu = exact.get('cpu') ?? 0
  const memory = exact.get('memory') ?? 0
  const ephemeralStorage = exact.get('ephemeral-storage') ?? 0
  const nonZeroCpu = padded.get('cpu') ?? 0
  const nonZeroMemory = padded.get('memory') ?? 0
  for (const name of ['cpu', 'memory', 'ephemeral-storage', 'pods']) exact.delete(name)
  for (const [name, amount] of exact) if (amount === 0) exact.delete(name)
  return { milliCpu, memory, ephemeralStorage, scalars: exact.size ? exact : none, nonZeroCpu, nonZeroMemory }
}

function total(pod: Pod, padded: boolean): Amounts {
  const { spec } = pod
  const sum: Amounts = new Map()
  const sidecars: Amounts = new Map()
  const init: Amounts = new Map()
  for (const container of spec.containers) add(sum, ofContainer(pod, container, padded))
  for (const container of spec.initContainers ?? []) {
    const own = ofContainer(pod, container, padded)
    if (container.restartPolicy === 'Always') {
      add(sum, own)
      add(sidecars, own)
      raise(init, sidecars)
    } else {
      const beside = new Map(own)
      add(beside, sidecars)
      raise(init, beside)
    }
  }
  raise(sum, init)
  for (const [name, text] of Object.entries(resourcesOfPodItself(pod, 'requests') ?? {}))
    sum.set(name, amount(name, text))
  for (const [name, text] of Object.entries(spec.overhead ?? {}))
    sum.set(name, (sum.get(name) ?? 0) + amount(name, text))
  return sum
}

function ofContainer(pod: Pod, container: Container, padded: boolean): Amounts {
  const result: Amounts = new Map()
  for (const [name, text] of Object.entries(resourcesOfContainer(pod, container, 'requests')))
    result.set(name, amount(name, text))
  if (padded && !result.has('cpu')) result.set('cpu', defaultCpu)
  if (padded && !result.has('memory')) result.set('memory', defaultMemory)
  return result
}

/** A quantity in the unit of its resource. */
export function amount(name: string, text: string): number {
  return name === 'cpu' ? milliValue(text) : bytesValue(text)
}

function add(into: Amounts, other: Amounts): void {
  for (const [name, value] of other) into.set(name, (into.get(name) ?? 0) + value)
}

function raise(into: Amounts, other: Amounts): void {
  for (const [name, value] of other) if (value > (into.get(name) ?? 0)) into.set(name, value)
}

/** Whether a pod that is resized in place (KEP-1287) asks less of anything than before. */
export function freesRoom(now: Requests, before: Requests): boolean {
  if (now.milliCpu < before.milliCpu || now.memory < before.memory) return true
  if (now.ephemeralStorage < before.ephemeralStorage) return true
  for (const [name, amount] of before.scalars) if ((now.scalars.get(name) ?? 0) < amount) return true
  return false
}
