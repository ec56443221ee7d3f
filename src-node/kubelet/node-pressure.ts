import { controlGroupUsage } from '../host/index.ts'
import type { KubeletOptions } from './options.ts'
import { rankForEviction } from './plan/eviction/ranking.ts'
import {
  type LastSeen,
  type Met,
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
import { memoryUsages, storageUsages } from './pod-usage.ts'
import type { PodWorker } from './pod-worker.ts'
import { repeat } from './repeat.ts'

type Watched = Pick<PodWorker, 'pod' | 'observed' | 'takesRoom' | 'evict'>

export interface NodePressureOptions extends Pick<
  KubeletOptions,
  'docker' | 'host' | 'stateDirectory' | 'clock' | 'signal' | 'log'
> {
  workers(): Iterable<Watched>
  /** Removes all images that nobody uses. */
  removeImages(): Promise<unknown>
  /** Something is being reclaimed, in the words of the node's event. */
  reclaiming(words: string): void
  /** A pressure has come or gone. */
  onChange(): void
}

/** Milliseconds between two looks, as upstream's. */
const INTERVAL = 10_000
const [NODE_DISK, IMAGE_DISK] = ['/var/lib/kubelet', '/var/lib/docker'] as const

/**
 * Sees to it that the node does not run out of memory and disk (kubernetes.io, "Node-pressure Eviction"): first what nobody needs is
 * removed, then one pod at a look. Memory is what the node's own control group uses of what the node may.
 */
export class NodePressure {
  readonly #options: NodePressureOptions
  #seen: LastSeen = new Map()
  #pressures: ReadonlySet<Pressure> = new Set()

  constructor(options: NodePressureOptions) {
    this.#options = options
  }

  /** What the node has too little of now. */
  get pressures(): ReadonlySet<Pressure> {
    return this.#pressures
  }

  /** Looks every ten seconds from now on. */
  start(): void {
    const { clock, signal, log } = this.#options
    const failed = (words: string): void => log(`node pressure: ${words}`)
    repeat(() => this.#look(), { interval: INTERVAL, clock, signal, failed })
  }

  async #look(): Promise<void> {
    const met = thresholdsMet(await observe(this.#options))
    this.#note(met)
    const [first] = met
    if (!first) return
    const { reclaiming, removeImages } = this.#options
    reclaiming(`Attempting to reclaim ${resourceOf(first.signal)}`)
    if (pressureOf(first.signal) === 'DiskPressure') {
      await removeImages()
      if (thresholdsMet(await observe(this.#options)).every(({ signal }) => signal !== first.signal)) return
    }
    await this.#evictOne(first)
  }

  #note(met: readonly Met[]): void {
    const now = this.#options.clock.now()
    this.#seen = seenNow(this.#seen, met, now)
    const pressures = pressuresOf(this.#seen, now)
    const same = pressures.size === this.#pressures.size && [...pressures].every((one) => this.#pressures.has(one))
    this.#pressures = pressures
    if (!same) this.#options.onChange()
  }

  async #evictOne(met: Met): Promise<void> {
    const active = [...this.#options.workers()].filter(({ takesRoom }) => takesRoom)
    const memory = met.signal === 'memory.available'
    const usages = await (memory ? memoryUsages : storageUsages)(this.#options, active)
    const [first] = rankForEviction(usages, resourceOf(met.signal))
    if (!first) return this.#options.log(`${resourceOf(met.signal)} is short, and no pod may be evicted for it`)
    active.find(({ pod }) => pod.metadata.uid === first.pod.metadata.uid)?.evict({ words: evictionWords(met, first) })
  }
}

async function observe({ host }: Pick<NodePressureOptions, 'host'>): Promise<Observations> {
  const [{ memory }, used, node, image] = await Promise.all([
    host.facts(),
    controlGroupUsage((path) => host.readFile(path)),
    host.disk(NODE_DISK),
    host.disk(IMAGE_DISK),
  ])
  const observed = new Map<Signal, { available: number; capacity: number }>()
  // Caches of files are no shortage, in use or not: a node that reads much would evict for nothing.
  const available = memory - Math.max(0, used.memory - used.inactiveFiles - used.activeFiles)
  observed.set('memory.available', { available, capacity: memory })
  observed.set('nodefs.available', { available: node.free, capacity: node.total })
  observed.set('imagefs.available', { available: image.free, capacity: image.total })
  if (node.inodes) observed.set('nodefs.inodesFree', { available: node.inodes.free, capacity: node.inodes.total })
  if (image.inodes) observed.set('imagefs.inodesFree', { available: image.inodes.free, capacity: image.inodes.total })
  return observed
}
