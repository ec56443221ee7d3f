import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import { bytesValue, milliValue } from '../../src-kube/machinery/quantity.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { momentOf } from '../past/known-moments.ts'
import { createUsageHistory, type Sample } from '../usage/history.ts'
import { pathOf, type Kube } from './kube.ts'
import { listOnce } from './list-once.ts'

/** What a node or a pod uses: thousandths of a CPU, and bytes. */
export interface Used {
  cpu: number
  memory: number
  /** Of a pod: the same of each of its containers, by name. */
  containers?: ReadonlyMap<string, Used>
}

type Resource = 'nodes' | 'pods'
interface Known {
  cluster: string
  nodes: ReadonlyMap<string, Used>
  pods: ReadonlyMap<string, Used>
  /** What the cluster has been asked about, and has answered or refused. */
  answered: ReadonlySet<Resource>
}

/** Milliseconds between questions; servers measure no more often. */
const every = 10_000
const nothing: ReadonlyMap<string, Used> = new Map()
const known: ShallowRef<Known> = shallowRef({ cluster: '', nodes: nothing, pods: nothing, answered: new Set() })
/** When a resource may be asked about again, however often pages come and go; of the cluster that is known. */
const due: Record<Resource, number> = { nodes: 0, pods: 0 }
const history = { nodes: createUsageHistory(), pods: createUsageHistory() }

/**
 * Keeps the figures of the cluster on screen fresh while the scope lives (kubernetes.io, "Resource metrics pipeline"); what is shown through
 * {@link usedBy} follows. A cluster without them shows none. Must be called in a scope (setup).
 */
export function useUsage(kube: Kube, resource: Resource, changed: () => void = () => undefined): void {
  let isOver = false
  let timer: ReturnType<typeof setTimeout> | undefined
  if (known.value.cluster !== kube.cluster) {
    known.value = { cluster: kube.cluster, nodes: nothing, pods: nothing, answered: new Set() }
    due.nodes = due.pods = 0
    history.nodes.clear()
    history.pods.clear()
  }
  const ask = async (): Promise<void> => {
    due[resource] = Date.now() + every
    const found = await figuresOf(kube, resource)
    if (known.value.cluster === kube.cluster) {
      if (found.size > 0) history[resource].add(Date.now(), found)
      known.value = { ...known.value, [resource]: found, answered: new Set([...known.value.answered, resource]) }
    }
    if (!isOver) later()
  }
  const later = (): void => {
    // Another page may have asked while this one waited.
    const wait = (): void => void (Date.now() < due[resource] ? later() : ask())
    timer = setTimeout(wait, Math.max(0, due[resource] - Date.now()))
  }
  later()
  watch(known, changed)
  onScopeDispose(() => {
    isOver = true
    clearTimeout(timer)
  })
}

/** Figures are of now alone: nothing remembers those of the past. */
const isNow = (): boolean => momentOf(known.value.cluster).value === undefined

/** What an object uses, as far as it is known; whoever shows it follows its changes. Nothing while the cluster's past is looked at. */
export const usedBy = (resource: Resource, { metadata }: KubeObject): Used | undefined =>
  isNow() ? known.value[resource].get(keyOf(metadata)) : undefined

/** Whether the cluster on screen measures at all, as far as is known. */
export const isMeasured = (resource: Resource): boolean => isNow() && known.value[resource].size > 0

/** Whether it is known what the cluster measures: until then nothing is to be said of it. */
export const isAnswered = (resource: Resource): boolean => known.value.answered.has(resource)

/** What an object used in the last minutes, oldest first; followed like {@link usedBy}. */
export const usageOf = (resource: Resource, { metadata }: KubeObject): readonly Sample[] =>
  known.value[resource] ? history[resource].of(keyOf(metadata)) : []

/** Has the last minutes of an object remembered however many objects there are, and beyond its end, until the result is called. */
export const holdUsage = (resource: Resource, { metadata }: KubeObject): (() => void) =>
  history[resource].hold(keyOf(metadata))

const keyOf = ({ namespace, name }: { namespace?: string | undefined; name: string }): string =>
  namespace ? `${namespace}/${name}` : name

interface Usage {
  cpu: string
  memory: string
}
interface Figures {
  metadata: { name: string; namespace?: string }
  usage?: Usage
  containers?: Array<{ name: string; usage: Usage }>
}

async function figuresOf(kube: Kube, resource: Resource): Promise<ReadonlyMap<string, Used>> {
  try {
    const ref = { group: 'metrics.k8s.io', version: 'v1beta1', resource }
    const items =
      resource === 'pods'
        ? await listOnce<Figures>(kube, ref)
        : (await kube.get<{ items: Figures[] }>(pathOf(ref))).items
    return new Map(items.map((one) => [keyOf(one.metadata), usedOf(one)]))
  } catch {
    // Not every cluster measures, and nodes and pods are shown without it; that the cluster cannot be reached, their own lists tell.
    return nothing
  }
}

function usedOf({ usage, containers = [] }: Figures): Used {
  if (usage) return figures(usage)
  const each = new Map(containers.map((container) => [container.name, figures(container.usage)]))
  const sum = (of: 'cpu' | 'memory'): number => [...each.values()].reduce((total, one) => total + one[of], 0)
  return { cpu: sum('cpu'), memory: sum('memory'), containers: each }
}

const figures = ({ cpu, memory }: Usage): Used => ({ cpu: milliValue(cpu), memory: bytesValue(memory) })
