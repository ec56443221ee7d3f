import type { Clock } from '../../../src-kube/machinery/clock.ts'

/** The part of the engine's client that is asked; the client's own types do not know of the signal. */
export interface PingedEngine {
  ping(options: { abortSignal: AbortSignal }): Promise<unknown>
}

/** The engine that is asked again and again whether it answers. */
export interface EnginePulseOptions {
  docker: PingedEngine
  clock: Clock
  signal: AbortSignal
  /** The engine has come to answer, or not to. */
  onChange(): void
}

/** Milliseconds between two questions, and what an answer may take. */
const INTERVAL = 5_000
const PATIENCE = 10_000
/** Without an answer for this long the runtime counts as down, as upstream's kubelet has it. */
const DOWN = 30_000
/** After this long nothing is known any more of what runs. */
const STALE = 180_000

/**
 * Whether the engine answers. One that has died is known by its broken connections; one that hangs holds them open and says nothing, so
 * it is asked again and again, each time only for so long.
 */
export class EnginePulse {
  readonly #options: EnginePulseOptions
  #answered: number
  #said = ''

  constructor(options: EnginePulseOptions) {
    this.#options = options
    this.#answered = options.clock.monotonic()
    this.#ask()
  }

  /** Why pods cannot be run, in upstream's words; empty while the engine answers. */
  get problem(): string {
    const silent = this.#options.clock.monotonic() - this.#answered
    if (silent < DOWN) return ''
    const down = 'container runtime is down'
    if (silent < STALE) return down
    return `[${down}, PLEG is not healthy: pleg was last seen active ${goDuration(silent)} ago; threshold is ${goDuration(STALE)}]`
  }

  /** It has answered, to whomever. */
  heard(): void {
    this.#answered = this.#options.clock.monotonic()
    this.#look()
  }

  #ask(): void {
    const { docker, clock, signal } = this.#options
    if (signal.aborted) return
    const late = new AbortController()
    const timer = clock.after(PATIENCE, () => late.abort(new Error('the engine does not answer')))
    docker
      .ping({ abortSignal: late.signal })
      .then(
        () => this.heard(),
        // No answer is what is being counted; why is told by whoever else talks to the engine.
        () => undefined,
      )
      .finally(() => {
        timer.cancel()
        this.#look()
        clock.after(INTERVAL, () => this.#ask())
      })
  }

  #look(): void {
    const now = this.problem
    const turned = (now === '') !== (this.#said === '')
    this.#said = now
    if (turned) this.#options.onChange()
  }
}

/** As Go writes a span: `45s`, `3m5s`, `1h0m2s`. */
function goDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const long = hours > 0 ? `${hours}h` : ''
  return `${long}${hours + minutes > 0 ? `${minutes}m` : ''}${seconds % 60}s`
}
