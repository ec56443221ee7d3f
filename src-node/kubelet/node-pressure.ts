import { controlGroupUsage, type ControlGroupUsage, groupUsage, processCounts } from '../host/index.ts'
import { readConfiguration } from './configuration.ts'
import type { KubeletOptions } from './options.ts'
import { rankForEviction } from './plan/eviction/ranking.ts'
import { defaultSettings, type EvictionSettings, evictionSettings } from './plan/eviction/settings.ts'
import {
  dueNow,
  type LastSeen,
  type Met,
  metSince,
  type MetSince,
  type Observations,
  type Pressure,
  pressureOf,
  pressuresOf,
  resourceOf,
  seenNow,
  type Signal,
  thresholdsMet,
} from './plan/eviction/thresholds.ts'
import { evictionWords } from './plan/eviction/words.ts'
import { PODS_GROUP } from './plan/pod-group.ts'
import { memoryUsages, processUsages, storageUsages, type UsageOptions } from './pod-usage.ts'
import type { PodWorker } from './pod-worker.ts'
import { repeat } from './repeat.ts'

type Watched = Pick<PodWorker, 'pod' | 'observed' | 'takesRoom' | 'evict'>

/** What is measured for want of room, and what can be given back before pods have to go. */
export interface NodePressureOptions extends UsageOptions, Pick<KubeletOptions, 'clock' | 'signal' | 'log'> {
  workers(): Iterable<Watched>
  /** Removes what ended pods have left in the engine. */
  removeEnded(): Promise<unknown>
  /** Removes all images that nobody uses. */
  removeImages(): Promise<unknown>
  /** Something is being reclaimed, in the words of the node's event. */
  reclaiming(words: string): void
  /** A pod goes for what the node is short of. */
  evicting?(signal: Signal): void
  /** A pressure has come or gone. */
  onChange(): void
}

/** Milliseconds between two looks, as upstream's. */
const INTERVAL = 10_000
const [NODE_DISK, IMAGE_DISK] = ['/var/lib/kubelet', '/var/lib/docker'] as const

/**
 * Sees to it that the node does not run out of memory, disk and processes (kubernetes.io, "Node-pressure Eviction"): first what nobody needs is
 * removed, then one pod at a look. Memory is what the node's own control group uses of what the node may, and what all pods together use of
 * what they may. It goes by what a `KubeletConfiguration` on the node says, `config.yaml` in the kubelet's directory, read as it starts; by upstream's
 * defaults without one.
 */
export class NodePressure {
  readonly #options: NodePressureOptions
  #settings: EvictionSettings = defaultSettings
  #since: MetSince = new Map()
  #seen: LastSeen = new Map()
  #pressures: ReadonlySet<Pressure> = new Set()

  constructor(options: NodePressureOptions) {
    this.#options = options
  }

  /** What the node has too little of now. */
  get pressures(): ReadonlySet<Pressure> {
    return this.#pressures
  }

  /** What it goes by. */
  get settings(): EvictionSettings {
    return this.#settings
  }

  /** Looks every ten seconds from now on. */
  start(): void {
    const { clock, signal, log } = this.#options
    const settings = this.#read()
    const failed = (words: string): void => log(`node pressure: ${words}`)
    repeat(() => settings.then(() => this.#look()), { interval: INTERVAL, clock, signal, failed })
  }

  async #read(): Promise<void> {
    this.#settings = (await readConfiguration(this.#options, evictionSettings)) ?? defaultSettings
  }

  async #met(): Promise<Met[]> {
    return thresholdsMet(await observe(this.#options), this.#settings.thresholds, this.#since)
  }

  async #look(): Promise<void> {
    const { clock } = this.#options
    const met = await this.#met()
    this.#since = metSince(this.#since, met, clock.monotonic())
    this.#note(met)
    const [first] = dueNow(met, this.#since, clock.monotonic())
    if (!first) return
    const { reclaiming, removeEnded, removeImages } = this.#options
    reclaiming(`Attempting to reclaim ${resourceOf(first.signal)}`)
    if (pressureOf(first.signal) === 'DiskPressure') {
      // Before the images, which ended containers count as users of.
      await removeEnded()
      await removeImages()
      if ((await this.#met()).every(({ signal }) => signal !== first.signal)) return
    }
    await this.#evictOne(first)
  }

  #note(met: readonly Met[]): void {
    const now = this.#options.clock.monotonic()
    this.#seen = seenNow(this.#seen, met, now)
    const pressures = pressuresOf(this.#seen, now, this.#settings.transition)
    const same = pressures.size === this.#pressures.size && [...pressures].every((one) => this.#pressures.has(one))
    this.#pressures = pressures
    if (!same) this.#options.onChange()
  }

  async #evictOne(met: Met): Promise<void> {
    const active = [...this.#options.workers()].filter(({ takesRoom }) => takesRoom)
    const usages = await usagesOf[pressureOf(met.signal)](this.#options, active)
    const [first] = rankForEviction(usages, resourceOf(met.signal))
    if (!first) return this.#options.log(`${resourceOf(met.signal)} is short, and no pod may be evicted for it`)
    // Only for a soft threshold there is time.
    const grace = met.threshold.grace === undefined ? {} : { grace: this.#settings.mostPodGrace }
    const words = evictionWords(met, first)
    this.#options.evicting?.(met.signal)
    active.find(({ pod }) => pod.metadata.uid === first.pod.metadata.uid)?.evict({ words, ...grace })
  }
}

const usagesOf = { MemoryPressure: memoryUsages, DiskPressure: storageUsages, PIDPressure: processUsages } as const

/** Caches of files are no shortage, in use or not: a node that reads much would evict for nothing. */
const inUse = ({ memory, inactiveFiles, activeFiles }: ControlGroupUsage): number =>
  Math.max(0, memory - inactiveFiles - activeFiles)

async function observe({ host }: Pick<NodePressureOptions, 'host'>): Promise<Observations> {
  const read = (path: string): Promise<string> => host.readFile(path)
  const [{ memory }, used, ofPods, processes, node, image] = await Promise.all([
    host.facts(),
    controlGroupUsage(read),
    groupUsage(read, PODS_GROUP),
    processCounts(read),
    host.disk(NODE_DISK),
    host.disk(IMAGE_DISK),
  ])
  const observed = new Map<Signal, { available: number; capacity: number }>()
  // Of what the owner has the node keep, pods together may use nothing (`allocatableMemory.available`).
  const available = Math.min(memory - inUse(used), ofPods ? ofPods.limit - inUse(ofPods) : Infinity)
  observed.set('memory.available', { available, capacity: memory })
  observed.set('nodefs.available', { available: node.free, capacity: node.total })
  observed.set('imagefs.available', { available: image.free, capacity: image.total })
  if (processes)
    observed.set('pid.available', { available: processes.most - processes.running, capacity: processes.most })
  if (node.inodes) observed.set('nodefs.inodesFree', { available: node.inodes.free, capacity: node.inodes.total })
  if (image.inodes) observed.set('imagefs.inodesFree', { available: image.inodes.free, capacity: image.inodes.total })
  return observed
}
