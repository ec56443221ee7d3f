import type { Pod, Volume } from '#types/core/v1'
import type { Clock, Timer } from '../../../src-kube/machinery/clock.ts'
import { writeAtomically } from './atomic-writer.ts'
import type { DownwardFacts } from './downward-api.ts'
import { asksLimits, holdCertificates, makePayload, type PayloadSources, referencesOf } from './payload.ts'
import { inMemory } from './places.ts'
import type { VolumeFacts, VolumesOptions } from './volumes.ts'

/** Milliseconds until what could not be written is tried again. */
const RETRY = 10_000
/** Between two versions of a file, however soon a token says it wants to be renewed. */
const SOONEST = 1000

/** The pod whose ConfigMaps, Secrets, tokens and facts are written into files, and written again when they change. */
export interface WrittenOptions extends PayloadSources {
  pod: Pod
  facts: VolumeFacts
  options: Pick<VolumesOptions, 'nodeName' | 'nodeIp' | 'nodeFacts' | 'clock' | 'signal' | 'log'>
  directoryOf(volume: Volume): Promise<string>
}

/**
 * The volumes of one pod whose files the kubelet writes: each is written again when what it is made from changes or a token or
 * certificate in it grows old, one write at a time, until it is let go.
 */
export class WrittenVolumes {
  pod: Pod
  facts: VolumeFacts
  readonly #from: WrittenOptions
  readonly #clock: Clock
  /** Letting go of the objects that the volumes are made from. */
  readonly #releases = new Map<string, () => void>()
  readonly #timers = new Map<string, Timer>()
  /** The end of the writes so far, by volume. */
  readonly #writes = new Map<string, Promise<void>>()
  #isReleased = false

  constructor(from: WrittenOptions) {
    this.pod = from.pod
    this.facts = from.facts
    this.#from = from
    this.#clock = from.options.clock
  }

  /** Writes the volume and keeps it up to date from now on. Throws in upstream's words when it cannot be made. */
  async setUp(volume: Volume): Promise<void> {
    await this.rewrite(volume)
    if (this.#isReleased) return
    const certificates = `${volume.name} certificates`
    if (!this.#releases.has(certificates)) {
      const releases = holdCertificates(volume, this.pod, this.#from, () => this.#refresh(volume))
      this.#releases.set(certificates, () => releases.forEach((release) => release()))
    }
    for (const key of referencesOf(volume, this.pod.metadata.namespace ?? 'default')) {
      const id = `${volume.name} ${key.kind}/${key.name}`
      if (this.#releases.has(id)) continue
      this.#releases.set(
        id,
        this.#from.references.hold(key, () => this.#refresh(volume)),
      )
    }
  }

  /** After the writes before it; what is written is what is true when its turn comes. */
  rewrite(volume: Volume): Promise<void> {
    const before = this.#writes.get(volume.name) ?? Promise.resolve()
    const mine = before.catch(() => undefined).then(() => this.#write(volume))
    this.#writes.set(volume.name, mine)
    return mine
  }

  /** Nothing is written any more once this resolves. */
  async release(): Promise<void> {
    this.#isReleased = true
    for (const release of this.#releases.values()) release()
    for (const timer of this.#timers.values()) timer.cancel()
    await Promise.allSettled(this.#writes.values())
  }

  async #write(volume: Volume): Promise<void> {
    const { options, directoryOf } = this.#from
    const { nodeIp, nodeName, nodeFacts } = options
    const allocatable = asksLimits(volume) ? await nodeFacts.allocatable() : {}
    const facts: DownwardFacts = { ...this.facts, nodeIp, nodeName, allocatable }
    const { payload, refreshAt } = await makePayload(volume, this.pod, facts, this.#from)
    if (this.#isReleased) return
    const gid = this.pod.spec.securityContext?.fsGroup
    await writeAtomically(await directoryOf(volume), payload, { now: this.#clock.now(), gid, sticky: inMemory(volume) })
    if (refreshAt !== undefined) this.#again(volume, Math.max(SOONEST, refreshAt - this.#clock.now()))
  }

  /** A rewrite that nobody waits for: a failure leaves the old files and is tried again. */
  #refresh(volume: Volume): void {
    const { signal, log } = this.#from.options
    if (signal.aborted || this.#isReleased) return
    this.rewrite(volume).catch((error: unknown) => {
      log(`volume ${volume.name} of ${this.pod.metadata.namespace}/${this.pod.metadata.name}: ${String(error)}`)
      this.#again(volume, RETRY)
    })
  }

  #again(volume: Volume, delay: number): void {
    if (this.#isReleased) return
    this.#timers.get(volume.name)?.cancel()
    this.#timers.set(
      volume.name,
      this.#clock.after(delay, () => this.#refresh(volume)),
    )
  }
}
