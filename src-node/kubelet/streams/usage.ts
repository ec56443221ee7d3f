import type Dockerode from 'dockerode'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import { type ControlGroupUsage, groupUsage, type Host } from '../../host/index.ts'
import { groupOf, containerLabels, SANDBOX } from '../plan/naming.ts'
import { linkOf } from '../runtime/pod-network.ts'
import { type Link, podLinks } from './links.ts'

/** What a container has used, as the kernel counts it. */
export interface Used {
  /** Nanoseconds of processor time since it started. */
  cpu: number
  /** Nanoseconds a second just now; 0 where only one sample was taken. */
  rate: number
  /** Bytes, with caches of files. */
  memory: number
  /** Bytes without the caches that the kernel may drop at once. */
  workingSet: number
  /** Bytes that no file stands behind. */
  rss: number
  pageFaults: number
  majorPageFaults: number
}

/** What a container, or the sandbox of a pod, uses at one moment. */
export interface MeasuredContainer extends Used {
  id: string
  /** Its control group. */
  group: string
  image: string
  /** The engine's name for it. */
  called: string
  pod: { name: string; namespace: string; uid: string }
  /** Of the pod's container; undefined for its sandbox. */
  name: string | undefined
  /** Milliseconds since the epoch. */
  createdAt: number
  /** Bytes that it may use; the machine's own where nothing limits it. */
  limit: number
  /** Of the sandbox: what its network has carried. */
  carried: Link[]
}

/** Where usage is read: containers from the engine, the node from its own files. */
export interface UsageSources {
  docker: Dockerode
  host: Pick<Host, 'readFile' | 'facts'>
}

/** What pods that run here use. */
export interface Measured {
  /** Sandboxes too; of those that are in a pod's group only their networks are told, unless they were asked for. */
  containers: MeasuredContainer[]
  /** By uid: each pod as a whole. */
  pods: ReadonlyMap<string, MeasuredPod>
}

/** What a pod uses as a whole, by its own control group. */
export interface MeasuredPod extends Used {
  pod: MeasuredContainer['pod']
  /** Its control group; undefined for one whose containers were made without. */
  group: string | undefined
  /** Milliseconds since the epoch. */
  createdAt: number
  /** Bytes that it may use; Infinity where nothing limits it. */
  limit: number
}

/** Milliseconds between two samples. */
const WINDOW = 1000

/** How use is measured. */
export interface MeasureOptions {
  /** With a clock a second sample, a second later, gives rates; without one there are none. */
  clock?: Clock
  /** Whether it is told what sandboxes use that are in a pod's group. Default false: the pod's group counts it. */
  sandboxes?: boolean
}

type Sample = ReadonlyMap<string, ControlGroupUsage>

/**
 * What pods that run here and their containers use, from their control groups; the pod's own where all that runs of it is there, else what its containers
 * use together. Containers that end meanwhile are left out.
 */
export async function measurePods(
  { docker, host }: UsageSources,
  { clock, sandboxes = false }: MeasureOptions = {},
): Promise<Measured> {
  const read = (path: string): Promise<string> => host.readFile(path)
  const listed = await docker.listContainers({ filters: { label: [containerLabels.uid] } })
  const grouped = groupsOfPods(listed)
  const containers = listed.map((info) => {
    const counted =
      info.Labels[containerLabels.container] === SANDBOX && grouped.has(info.Labels[containerLabels.uid] ?? '')
    return { info, group: groupOf(info.Id, info.Labels), isCounted: counted && !sandboxes }
  })
  const groups = [...grouped.values(), ...containers.flatMap(({ group, isCounted }) => (isCounted ? [] : group))]
  const sample = (): Promise<Sample> => usageOfGroups(read, groups)
  const [links, machine, before] = await Promise.all([read('/proc/net/dev'), host.facts(), sample()])
  const began = clock?.monotonic() ?? 0
  if (clock) await new Promise<void>((resolve) => clock.after(WINDOW, resolve))
  const now = clock ? await sample() : before
  const seconds = clock ? (clock.monotonic() - began) / 1000 : Infinity
  const used = (group: string): (Used & { limit: number }) | undefined =>
    now.has(group) ? usedBetween(before.get(group), now.get(group)!, seconds) : undefined
  const carried = podLinks(links)
  const measured = containers.flatMap(({ info, group, isCounted }) => {
    const use = isCounted ? { ...unused, limit: Infinity } : used(group)
    return use ? [measuredContainer(info, { ...use, group, limit: Math.min(use.limit, machine.memory), carried })] : []
  })
  return {
    containers: measured,
    pods: podsOf(measured, (uid) => {
      const group = grouped.get(uid)
      const use = group === undefined ? undefined : used(group)
      return use && { ...use, group, limit: use.limit < machine.memory ? use.limit : Infinity }
    }),
  }
}

type Listed = Dockerode.ContainerInfo

/** By the uid of pods all of whose containers are in it: their group. */
function groupsOfPods(listed: readonly Listed[]): ReadonlyMap<string, string> {
  const parents = new Map<string, Set<string | undefined>>()
  for (const { Labels } of listed) {
    const uid = Labels[containerLabels.uid] ?? ''
    parents.set(uid, (parents.get(uid) ?? new Set()).add(Labels[containerLabels.parentGroup]))
  }
  return new Map(
    [...parents].flatMap(([uid, [first, ...others]]) => (first && others.length === 0 ? [[uid, first] as const] : [])),
  )
}

/** What groups have used that are there. */
async function usageOfGroups(read: (path: string) => Promise<string>, groups: readonly string[]): Promise<Sample> {
  const all = await Promise.all(groups.map(async (group) => [group, await groupUsage(read, group)] as const))
  return new Map(all.flatMap(([group, usage]) => (usage ? [[group, usage] as const] : [])))
}

export const unused: Used = { cpu: 0, rate: 0, memory: 0, workingSet: 0, rss: 0, pageFaults: 0, majorPageFaults: 0 }

function usedBetween(before: ControlGroupUsage | undefined, now: ControlGroupUsage, seconds: number) {
  const { cpu, memory, inactiveFiles, rss, pageFaults, majorPageFaults, limit } = now
  const rate = Math.max(0, (cpu - (before?.cpu ?? cpu)) / seconds)
  return { cpu, rate, memory, workingSet: Math.max(0, memory - inactiveFiles), rss, pageFaults, majorPageFaults, limit }
}

function measuredContainer(
  { Id, Image, Names, Labels, Created }: Listed,
  { carried, ...used }: Used & { group: string; limit: number; carried: ReadonlyMap<string, Link> },
): MeasuredContainer {
  const name = Labels[containerLabels.container]
  const link = name === SANDBOX ? carried.get(linkOf(Id)) : undefined
  return {
    ...used,
    id: Id,
    pod: {
      name: Labels[containerLabels.pod] ?? '',
      namespace: Labels[containerLabels.namespace] ?? '',
      uid: Labels[containerLabels.uid] ?? '',
    },
    name: name === SANDBOX ? undefined : name,
    createdAt: Created * 1000,
    image: Image,
    called: Names[0]?.replace(/^\//, '') ?? '',
    carried: link ? [link] : [],
  }
}

type WholeUse = Used & Pick<MeasuredPod, 'group' | 'limit'>

function podsOf(
  containers: readonly MeasuredContainer[],
  wholeOf: (uid: string) => WholeUse | undefined,
): ReadonlyMap<string, MeasuredPod> {
  const pods = new Map<string, MeasuredPod>()
  for (const { pod, createdAt } of containers) {
    if (pods.has(pod.uid)) continue
    const own = containers.filter((one) => one.pod.uid === pod.uid)
    pods.set(pod.uid, { pod, createdAt, ...(wholeOf(pod.uid) ?? together(own)) })
  }
  return pods
}

const usedFields = Object.keys(unused) as Array<keyof Used>

function together(containers: readonly MeasuredContainer[]): WholeUse {
  const sum = { ...unused }
  for (const one of containers) for (const what of usedFields) sum[what] += one[what]
  return { ...sum, group: undefined, limit: Infinity }
}
