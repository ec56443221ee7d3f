import type { Pod } from '#types/core/v1'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import { ControlGroups, type GroupLimits, type Host, processCounts } from '../../host/index.ts'
import { sharesOf } from '../plan/amounts.ts'
import {
  BEST_EFFORT_GROUP,
  BURSTABLE_GROUP,
  burstableShares,
  changed,
  podParents,
  podGroup,
  podGroupLimits,
  type PodLimits,
  podOfGroup,
  PODS_GROUP,
  raised,
} from '../plan/pod-group.ts'
import { defaultReservation, type Reservation } from '../plan/reserved.ts'
import { repeat } from '../repeat.ts'

/** The control groups below which pods run, by their class of service (kubernetes.io, "Pod Quality of Service Classes"). */
export interface PodGroupsOptions {
  host: Pick<Host, 'readFile' | 'writeFile' | 'makeDirectory' | 'removeDirectory' | 'directoriesIn' | 'facts'>
  clock: Clock
  signal: AbortSignal
  /** Pods that take something of the node. */
  taking(): readonly Pod[]
  /** Processes and threads that each pod may have; undefined for no limit. */
  processes?: Promise<number | undefined>
  /** What the node keeps from all pods together; undefined for what it does by default. */
  reservation?: Promise<Reservation | undefined>
  log(message: string): void
}

/** Milliseconds between two looks at what no pod's change tells of, as upstream's. */
const INTERVAL = 60_000

/**
 * The control groups of pods: `kubepods`, in it the classes of quality of service, in them one a pod, in that its containers, which the engine puts
 * there (its `CgroupParent`). Limits that a pod has as a whole hold there, and its usage can be read there.
 *
 * A group is made with the pod's sandbox and removed when nothing of the pod runs any more. Containers that were made without one, by an older agent,
 * stay where they are.
 */
export class PodGroups {
  readonly #options: PodGroupsOptions
  readonly #groups: ControlGroups
  /** By uid: what a pod's group has been given since this agent began. */
  readonly #given = new Map<string, PodLimits>()
  #trunk: Promise<void> | undefined
  /** What the groups above the pods' were given last. */
  readonly #above: Record<string, GroupLimits> = {}
  #refreshing = false

  constructor(options: PodGroupsOptions) {
    this.#options = options
    this.#groups = new ControlGroups(options.host)
  }

  /** Processes and threads that each pod may have; undefined for no limit. */
  get processes(): Promise<number | undefined> {
    return this.#options.processes ?? Promise.resolve(undefined)
  }

  /** What the node keeps from all pods together. */
  async reservation(): Promise<Reservation> {
    return (await this.#options.reservation) ?? defaultReservation
  }

  /** Keeps the groups above the pods' as they must be, and removes empty ones whose pods have gone; once all pods are known. */
  start(): void {
    const { clock, signal, log } = this.#options
    const look = (): Promise<void> => this.#removeOrphans().then(() => this.#refresh())
    repeat(look, { interval: INTERVAL, clock, signal, failed: (words) => log(`control groups: ${words}`) })
  }

  /**
   * The group for a pod's sandbox, with the pod's limits but that of processors: to start a sandbox takes a good part of one, for which a pod with
   * little of them would wait long. Throws what the kernel says when there can be none.
   */
  async forSandbox(pod: Pod): Promise<string> {
    const known = this.#given.has(pod.metadata.uid)
    return known ? podGroup(pod) : this.#make(pod, { ...podGroupLimits(pod), quota: Infinity })
  }

  /** The group for a pod's containers, with all its limits. Throws what the kernel says when it does not let it have them. */
  async settled(pod: Pod): Promise<string> {
    const given = this.#given.get(pod.metadata.uid)
    const wanted = podGroupLimits(pod)
    if (!given) return this.#make(pod, wanted)
    await this.#change(pod, changed(given, wanted))
    return podGroup(pod)
  }

  /**
   * Lets a pod's group have what it is to have more of, before its containers do (KEP-1287); what it is to have less of follows with
   * {@link settled}, after them. Of one that an earlier agent limited nobody knows what it has: it is let be until then.
   */
  async grown(pod: Pod): Promise<void> {
    const given = this.#given.get(pod.metadata.uid)
    if (given) await this.#change(pod, raised(given, podGroupLimits(pod)))
    else await this.#groups.limit(podGroup(pod), { quota: Infinity })
  }

  /** Bytes that a pod was last given as a whole; Infinity where it has no limit, or none that is known. */
  memoryOf({ metadata }: Pod): number {
    return this.#given.get(metadata.uid)?.memory ?? Infinity
  }

  /** Removes a pod's group. One that cannot be removed now, as something still runs in it, goes with a later look. */
  async remove(pod: Pod): Promise<void> {
    this.#given.delete(pod.metadata.uid)
    const group = podGroup(pod)
    try {
      if (!(await this.#groups.remove(group))) this.#options.log(`control group ${group} is still in use`)
    } catch (error) {
      this.#options.log(`control group ${group}: ${String(error)}`)
    }
    this.#refreshSoon()
  }

  async #make(pod: Pod, limits: PodLimits): Promise<string> {
    const group = podGroup(pod)
    try {
      this.#trunk ??= this.#makeTrunk()
      await this.#trunk
    } catch (error) {
      this.#trunk = undefined
      throw error
    }
    const processes = await this.processes
    await this.#groups.make(group, processes === undefined ? limits : { ...limits, processes })
    this.#given.set(pod.metadata.uid, limits)
    this.#refreshSoon()
    return group
  }

  async #change(pod: Pod, limits: GroupLimits): Promise<void> {
    if (Object.keys(limits).length === 0) return
    await this.#groups.limit(podGroup(pod), limits)
    const given = this.#given.get(pod.metadata.uid)
    if (given) this.#given.set(pod.metadata.uid, { ...given, ...limits })
    this.#refreshSoon()
  }

  async #makeTrunk(): Promise<void> {
    for (const [group, limits] of Object.entries(await this.#wantedAbove())) {
      // What all pods use already may be more than the node has by now: that is no reason to take none.
      const { memory: _, ...made } = limits
      await this.#groups.make(group, made)
      this.#above[group] = made
    }
  }

  /** Guaranteed pods share with the classes below; who asks for nothing has what the others leave. */
  async #wantedAbove(): Promise<Record<string, GroupLimits>> {
    return {
      [PODS_GROUP]: await this.#wantedOfAll(),
      [BURSTABLE_GROUP]: { shares: burstableShares(this.#options.taking()) },
      [BEST_EFFORT_GROUP]: { shares: sharesOf(0) },
    }
  }

  /** What is left of the node for all pods together. */
  async #wantedOfAll(): Promise<GroupLimits> {
    const { host } = this.#options
    const [{ cpus, memory }, { reserved, enforced }] = await Promise.all([host.facts(), this.reservation()])
    if (!enforced) return { shares: sharesOf(cpus * 1000), memory: Infinity }
    const { milliCpu = 0, memory: kept = 0, processes = 0 } = reserved ?? {}
    const counts = processes > 0 ? await processCounts((path) => host.readFile(path)) : undefined
    return {
      shares: sharesOf(cpus * 1000 - milliCpu),
      // More than there is cannot be kept: without memory all pods would end.
      memory: kept < memory ? memory - kept : memory,
      ...(counts ? { processes: Math.max(1, counts.most - processes) } : {}),
    }
  }

  /** What pods ask for has changed: one look for all that change at once. */
  #refreshSoon(): void {
    if (this.#refreshing) return
    this.#refreshing = true
    const { clock, log } = this.#options
    clock.after(0, () => {
      this.#refreshing = false
      this.#refresh().catch((error: unknown) => log(`control groups: ${String(error)}`))
    })
  }

  async #refresh(): Promise<void> {
    // Before the first pod there is nothing to share.
    if (!this.#trunk) return
    await this.#trunk
    for (const [group, limits] of Object.entries(await this.#wantedAbove())) {
      if (JSON.stringify(limits) === JSON.stringify(this.#above[group])) continue
      await this.#groups.limit(group, limits)
      this.#above[group] = limits
    }
  }

  async #removeOrphans(): Promise<void> {
    for (const parent of podParents) {
      const names = await this.#groups.childrenOf(parent)
      // Only now: a pod that came meanwhile may have got its group already.
      const here = new Set(this.#options.taking().map(({ metadata }) => metadata.uid))
      for (const name of names) {
        const uid = podOfGroup(name)
        if (uid !== undefined && !here.has(uid)) await this.#groups.remove(`${parent}/${name}`)
      }
    }
  }
}
