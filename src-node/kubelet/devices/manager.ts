import { join } from 'node:path'
import type { Container, ContainerStatus, Pod } from '#types/core/v1'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import type { DeviceInstruments } from './instruments.ts'
import { CheckpointFile } from './checkpoint-file.ts'
import type { DeviceAmounts } from './plan/amounts.ts'
import { type Assignment, decodeCheckpoint, encodeCheckpoint } from './plan/checkpoint.ts'
import { closeChoice, type Demand, openChoice, type OpenChoice } from './plan/choice.ts'
import { demandsOf, isExtendedResource, turnsOf } from './plan/demands.ts'
import { type Grant, grantOf } from './plan/grant.ts'
import { connectPlugin } from './plugin.ts'
import { Resources } from './resources.ts'

/** What the node made of a pod that asked to run on it. */
export type Verdict = 'taken' | 'refused'

/** What gives devices of plugins to containers. */
export interface DeviceManagerOptions {
  /** `/var/lib/kubelet/device-plugins`. */
  directory: string
  clock: Clock
  /** Uids of the pods that may still use what they were given. */
  active(): ReadonlySet<string>
  /** The node has other amounts. */
  amountsChanged(): void
  /** Devices of these pods may have another health. */
  healthChanged(pods: ReadonlySet<string>): void
  instruments: Pick<DeviceInstruments, 'registered' | 'allocation'>
  log(message: string): void
}

/** The health of a container's devices, as its status tells it (KEP-4680). */
export type AllocatedStatus = NonNullable<ContainerStatus['allocatedResourcesStatus']>

const CHECKPOINT = 'kubelet_internal_checkpoint'

/**
 * Gives the devices of plugins to containers (kubernetes.io, "Device Plugins"): when their pod is admitted, once for all their restarts. Who has what
 * stands in a file before it is used, so that an agent which starts anew takes nothing from anybody.
 */
export class DeviceManager {
  readonly #options: DeviceManagerOptions
  readonly #file: CheckpointFile
  readonly #resources: Resources
  #assignments: Assignment[] = []
  /** Pods whose devices are being chosen: they are not active yet. */
  readonly #admitting = new Set<string>()
  #ready: Promise<void> = Promise.resolve()
  /** One choice at a time: no two are given the same. */
  #turn: Promise<unknown> = Promise.resolve()
  #isStopped = false

  constructor(options: DeviceManagerOptions) {
    this.#options = options
    this.#file = new CheckpointFile(join(options.directory, CHECKPOINT))
    this.#resources = new Resources({ clock: options.clock, changed: (resource) => this.#changed(resource) })
  }

  /** Reads what an earlier agent left. Nothing is given before. */
  load(): Promise<void> {
    const loaded = this.#load()
    this.#ready = loaded
    return loaded
  }

  async #load(): Promise<void> {
    try {
      const text = await this.#file.read()
      if (text === undefined) return
      const { assignments, registered } = decodeCheckpoint(text)
      this.#assignments = [...assignments]
      this.#resources.remember(Object.keys(registered))
    } catch (error) {
      this.#options.log(`devices: ${CHECKPOINT}: ${String(error)}`)
    }
  }

  /** Takes in a plugin that serves the resource at a socket, in place of an earlier one. Throws an Error. */
  async connect(resource: string, endpoint: string): Promise<void> {
    if (!isExtendedResource(resource)) throw new Error(`the ResourceName ${JSON.stringify(resource)} is invalid`)
    const plugin = await connectPlugin(endpoint)
    this.#options.instruments.registered(resource)
    this.#resources.offer(resource, plugin)?.close()
    const over = (error?: unknown): void => {
      if (error) this.#options.log(`device plugin of ${resource}: ${String((error as Error).message)}`)
      this.#resources.lost(resource, plugin)
      plugin.close()
    }
    plugin.watch((devices) => this.#resources.told(resource, plugin, devices)).then(() => over(), over)
  }

  /** Lets a plugin go, unless another has come in its place. */
  disconnect(resource: string, endpoint: string): void {
    const plugin = this.#resources.plugin(resource)
    if (plugin?.endpoint !== endpoint) return
    this.#resources.lost(resource, plugin)
    plugin.close()
  }

  amounts(): Map<string, DeviceAmounts> {
    return this.#resources.amounts()
  }

  /** Whether the node leaves it to a plugin to give this away, or did. */
  isDevice(resource: string): boolean {
    return this.#resources.has(resource) || this.#assignments.some((one) => one.resource === resource)
  }

  /** Everybody's devices. */
  get assignments(): readonly Assignment[] {
    return this.#assignments
  }

  /** The resources that plugins offer now. */
  get resources(): Pick<Resources, 'names' | 'devices'> {
    return this.#resources
  }

  /** How much of a resource pods have. */
  given(resource: string): number {
    return this.#taken(resource).size
  }

  /**
   * Gives the containers of a pod what they ask for; what they have they keep. Throws an Error in upstream's words when that cannot be: then
   * the pod has no more than before.
   */
  async allocate(pod: Pod): Promise<void> {
    if (!asks(pod, isExtendedResource)) return
    await this.#ready
    if (!asks(pod, (resource) => this.isDevice(resource))) return
    const { uid } = pod.metadata
    this.#admitting.add(uid)
    await this.#inTurn(() => this.#allocateAll(pod))
  }

  /** The node has judged a pod that was given something: until then it is held for it. */
  decided(uid: string, verdict: Verdict): void {
    this.#admitting.delete(uid)
    if (verdict === 'taken' || !this.#assignments.some(({ pod }) => pod === uid)) return
    this.#assignments = this.#assignments.filter(({ pod }) => pod !== uid)
    this.#saveLater()
  }

  /** What a container that is about to start is given; undefined when it asks for no device. Throws an Error. */
  async grantFor(pod: Pod, container: Container): Promise<Grant | undefined> {
    const demands = demandsOf(container, (resource) => this.isDevice(resource))
    if (demands.length === 0) return undefined
    const { uid } = pod.metadata
    // One that was begun before anybody knew of devices.
    const lacking = demands.some(({ resource }) => !this.#of(uid, container.name, resource))
    if (lacking) await this.allocate(pod).finally(() => this.decided(uid, 'taken'))
    const given = demands.flatMap(({ resource }) => this.#of(uid, container.name, resource) ?? [])
    for (const { resource, ids } of given) await this.#resources.plugin(resource)?.preStart(ids)
    return grantOf(given.map(({ answer }) => answer))
  }

  /** How a container's devices are; undefined when it has none. */
  statusOf(uid: string, container: string): AllocatedStatus | undefined {
    const given = this.#assignments.filter((one) => one.pod === uid && one.container === container)
    if (given.length === 0) return undefined
    return given.map(({ resource, ids }) => {
      const devices = this.#resources.devices(resource)
      const resources = ids.map((id) => ({ resourceID: id, health: healthOf(devices?.get(id)) }))
      return { name: resource, resources }
    })
  }

  /** Tells nobody of anything any more. */
  stop(): Promise<void> {
    this.#isStopped = true
    this.#resources.stop()
    return this.#file.settled
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }

  async #allocateAll(pod: Pod): Promise<void> {
    this.#forgetInactive()
    const before = this.#assignments
    const reusable = new Map<string, Set<string>>()
    try {
      for (const { container, leaves } of turnsOf(pod)) {
        for (const demand of demandsOf(container, (resource) => this.isDevice(resource)))
          await this.#allocateOne(pod, container, demand, [...(reusable.get(demand.resource) ?? [])])
        this.#share(pod.metadata.uid, container.name, leaves, reusable)
      }
    } catch (error) {
      this.#assignments = before
      throw error
    }
    if (this.#assignments !== before) await this.#save()
  }

  /** What a container leaves is free for the next; what one keeps is not. */
  #share(uid: string, container: string, leaves: boolean, reusable: Map<string, Set<string>>): void {
    for (const { pod, container: name, resource, ids } of this.#assignments) {
      if (pod !== uid || name !== container) continue
      const free = reusable.get(resource) ?? new Set<string>()
      for (const id of ids) if (leaves) free.add(id)
      for (const id of ids) if (!leaves) free.delete(id)
      reusable.set(resource, free)
    }
  }

  async #allocateOne(pod: Pod, container: Container, demand: Demand, reusable: readonly string[]): Promise<void> {
    const { uid } = pod.metadata
    const { resource } = demand
    const own = this.#of(uid, container.name, resource)?.ids ?? []
    const held = { pod: uid, container: container.name, own, reusable }
    const choice = openChoice(demand, this.#stock(resource), held)
    if (!choice) return
    const ids = await this.#chosen(resource, choice)
    const plugin = this.#resources.plugin(resource)
    if (!plugin) throw new Error(`cannot allocate unregistered device ${resource}`)
    const answer = await this.#options.instruments.allocation(resource, plugin.allocate(ids))
    this.#assignments = [...this.#assignments, { pod: uid, container: container.name, resource, ids, answer }]
  }

  async #chosen(resource: string, choice: OpenChoice): Promise<string[]> {
    const wanted = choice.missing > 0 ? await this.#resources.plugin(resource)?.preferred(choice) : []
    return closeChoice(choice, wanted)
  }

  #stock(resource: string) {
    if (!this.#resources.has(resource)) return undefined
    return { healthy: this.#resources.healthy(resource), taken: this.#taken(resource) }
  }

  #taken(resource: string): Set<string> {
    return new Set(this.#assignments.flatMap((one) => (one.resource === resource ? one.ids : [])))
  }

  #of(uid: string, container: string, resource: string): Assignment | undefined {
    return this.#assignments.find((one) => one.pod === uid && one.container === container && one.resource === resource)
  }

  #forgetInactive(): void {
    const active = this.#options.active()
    const left = this.#assignments.filter(({ pod }) => active.has(pod) || this.#admitting.has(pod))
    if (left.length < this.#assignments.length) this.#assignments = left
  }

  #changed(resource: string): void {
    if (this.#isStopped) return
    this.#options.amountsChanged()
    const pods = this.#assignments.flatMap((one) => (one.resource === resource ? [one.pod] : []))
    if (pods.length > 0) this.#options.healthChanged(new Set(pods))
    this.#saveLater()
  }

  #saveLater(): void {
    this.#save().catch((error: unknown) => this.#options.log(`devices: ${CHECKPOINT}: ${String(error)}`))
  }

  #save(): Promise<void> {
    const registered = this.#resources.names.map((name) => [name, [...this.#resources.healthy(name)]] as const)
    return this.#file.write(
      encodeCheckpoint({ assignments: this.#assignments, registered: Object.fromEntries(registered) }),
    )
  }
}

const asks = ({ spec }: Pod, of: (resource: string) => boolean): boolean =>
  [...(spec.initContainers ?? []), ...spec.containers].some((container) => demandsOf(container, of).length > 0)

const healthOf = (device: { healthy: boolean } | undefined): 'Healthy' | 'Unhealthy' | 'Unknown' =>
  device ? (device.healthy ? 'Healthy' : 'Unhealthy') : 'Unknown'
