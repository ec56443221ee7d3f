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

/** A sum under way; `scalars` once there is one. Every pod that is made is summed up: plain numbers, a map only for what is rare. */
interface Amounts extends Omit<Requests, 'scalars'> {
  scalars: Map<string, number> | undefined
}

type Quantities = Readonly<Record<string, string>>

/** What a container counts for in scores that asks for nothing: thousandths of a processor, bytes. */
const DEFAULT_CPU = 100
const DEFAULT_MEMORY = 200 * 1024 * 1024
const none: ReadonlyMap<string, number> = new Map()

const nothing = (): Amounts => ({
  milliCpu: 0,
  memory: 0,
  ephemeralStorage: 0,
  scalars: undefined,
  nonZeroCpu: 0,
  nonZeroMemory: 0,
})

/**
 * The effective requests (kubernetes.io, "Init Containers: resource sharing" and "Sidecar Containers"): the sum of containers and
 * sidecars, or what the most demanding init container needs beside the sidecars started before it; pod-level requests win; overhead is added.
 * What is being resized counts for the most of what is asked and what it has.
 */
export function podRequests(pod: Pod): Requests {
  const { containers, initContainers, overhead } = pod.spec
  const sum = nothing()
  for (const container of containers) add(sum, ofContainer(pod, container))
  if (initContainers) addInitContainers(sum, pod, initContainers)
  setAll(sum, resourcesOfPodItself(pod, 'requests'))
  if (overhead) add(sum, setAll(nothing(), overhead as Quantities))
  return { ...sum, scalars: sum.scalars ? asked(sum.scalars) : none }
}

function addInitContainers(sum: Amounts, pod: Pod, containers: readonly Container[]): void {
  const sidecars = nothing()
  const most = nothing()
  for (const container of containers) {
    const own = ofContainer(pod, container)
    if (container.restartPolicy === 'Always') {
      add(sum, own)
      add(sidecars, own)
      raise(most, sidecars)
    } else {
      add(own, sidecars)
      raise(most, own)
    }
  }
  raise(sum, most)
}

function ofContainer(pod: Pod, container: Container): Amounts {
  const requests: Quantities = resourcesOfContainer(pod, container, 'requests')
  const own = setAll(nothing(), requests)
  if (requests['cpu'] === undefined) own.nonZeroCpu = DEFAULT_CPU
  if (requests['memory'] === undefined) own.nonZeroMemory = DEFAULT_MEMORY
  return own
}

function setAll(amounts: Amounts, quantities: Quantities | undefined): Amounts {
  for (const name in quantities) set(amounts, name, amount(name, quantities[name]!))
  return amounts
}

function set(amounts: Amounts, name: string, value: number): void {
  if (name === 'cpu') amounts.milliCpu = amounts.nonZeroCpu = value
  else if (name === 'memory') amounts.memory = amounts.nonZeroMemory = value
  else if (name === 'ephemeral-storage') amounts.ephemeralStorage = value
  else if (name !== 'pods') (amounts.scalars ??= new Map<string, number>()).set(name, value)
}

/** A quantity in the unit of its resource. */
export function amount(name: string, text: string): number {
  return name === 'cpu' ? milliValue(text) : bytesValue(text)
}

function add(into: Amounts, other: Amounts): void {
  into.milliCpu += other.milliCpu
  into.memory += other.memory
  into.ephemeralStorage += other.ephemeralStorage
  into.nonZeroCpu += other.nonZeroCpu
  into.nonZeroMemory += other.nonZeroMemory
  if (!other.scalars) return
  into.scalars ??= new Map()
  for (const [name, value] of other.scalars) into.scalars.set(name, (into.scalars.get(name) ?? 0) + value)
}

function raise(into: Amounts, other: Amounts): void {
  into.milliCpu = Math.max(into.milliCpu, other.milliCpu)
  into.memory = Math.max(into.memory, other.memory)
  into.ephemeralStorage = Math.max(into.ephemeralStorage, other.ephemeralStorage)
  into.nonZeroCpu = Math.max(into.nonZeroCpu, other.nonZeroCpu)
  into.nonZeroMemory = Math.max(into.nonZeroMemory, other.nonZeroMemory)
  if (!other.scalars) return
  into.scalars ??= new Map()
  for (const [name, value] of other.scalars) if (value > (into.scalars.get(name) ?? 0)) into.scalars.set(name, value)
}

/** Without what is asked for as nothing. */
function asked(scalars: Map<string, number>): ReadonlyMap<string, number> {
  for (const [name, value] of scalars) if (value === 0) scalars.delete(name)
  return scalars.size ? scalars : none
}

/** Whether a pod that is resized in place (KEP-1287) asks less of anything than before. */
export function freesRoom(now: Requests, before: Requests): boolean {
  if (now.milliCpu < before.milliCpu || now.memory < before.memory) return true
  if (now.ephemeralStorage < before.ephemeralStorage) return true
  for (const [name, amount] of before.scalars) if ((now.scalars.get(name) ?? 0) < amount) return true
  return false
}
