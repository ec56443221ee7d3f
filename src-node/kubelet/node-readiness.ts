import type { KubeletOptions } from './options.ts'
import { Engine } from './runtime/engine.ts'
import { EnginePulse, type PingedEngine } from './runtime/engine-pulse.ts'
import type { Workers } from './workers.ts'

/** Milliseconds that a new agent has for finding out whether engine and network are there. */
const UNSURE = 5_000
const NO_NETWORK = 'container runtime network not ready: no subnet has been leased yet'

/** Whether pods can run here: the engine and the network, as far as they are known. */
export class NodeReadiness {
  readonly engine: Engine
  /** `docker://` and the engine's version, once it has told; empty before. */
  runtimeVersion = ''
  readonly #options: KubeletOptions
  readonly #workers: Workers
  readonly #turned: { tell(): void; engineUp(): void }
  readonly #pulse: EnginePulse
  /** A time of the monotonic clock, in milliseconds. */
  readonly #sureAt: number
  #isNetworkUp = false
  #hasEngineSpoken = false

  constructor(options: KubeletOptions, workers: Workers, turned: { tell(): void; engineUp(): void }) {
    const { docker, clock, signal, log } = options
    this.#options = options
    this.#workers = workers
    this.#turned = turned
    this.#sureAt = clock.monotonic() + UNSURE
    this.engine = new Engine({
      docker,
      clock,
      signal,
      onChange: (uid) => workers.kick(uid),
      onUp: () => this.#engineCame(),
      onDown: (words) => this.#engineWent(words),
      log,
    })
    const pinged = docker as PingedEngine
    this.#pulse = new EnginePulse({ docker: pinged, clock, signal, onChange: () => turned.tell() })
  }

  /** Why pods cannot run here; empty when they can. */
  get problem(): string {
    const ofEngine = this.engine.up ? this.#pulse.problem : 'container runtime is down'
    return ofEngine || (this.#isNetworkUp ? '' : NO_NETWORK)
  }

  /** A new agent has not found out yet. */
  get isUnsure(): boolean {
    return !(this.#hasEngineSpoken && this.#isNetworkUp) && this.#options.clock.monotonic() < this.#sureAt
  }

  get isEngineWell(): boolean {
    return this.engine.up && this.#pulse.problem === ''
  }

  networkIsUp(): void {
    this.#isNetworkUp = true
    this.#turned.tell()
  }

  #engineCame(): void {
    this.#hasEngineSpoken = true
    this.#options.log('engine is up')
    this.#pulse.heard()
    void this.#readVersion()
    this.#turned.engineUp()
    // Pods that were bound while the engine was away have no containers to be found by.
    this.#workers.kickAll()
    this.#turned.tell()
  }

  #engineWent(words: string): void {
    this.#hasEngineSpoken = true
    this.#options.log(`engine is down: ${words}`)
    this.#turned.tell()
  }

  async #readVersion(): Promise<void> {
    try {
      this.runtimeVersion = `docker://${(await this.#options.docker.version()).Version}`
      this.#turned.tell()
    } catch (error) {
      this.#options.log(`engine version: ${String(error)}`)
    }
  }
}
