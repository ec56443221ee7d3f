import type { Container, Pod } from '#types/core/v1'
import { backoffWords } from './plan/backoff.ts'
import { attemptsOf, type Observed } from './plan/observed.ts'
import { allContainers, findContainer } from './plan/pod-containers.ts'
import { mayRestart } from './plan/restart.ts'
import type { Waiting } from './plan/status.ts'
import type { PodContext } from './pod-context.ts'
import { RunContainerError } from './runtime/create-container.ts'
import { ImageError } from './runtime/images.ts'
import { PostStartHookError } from './runtime/start-container.ts'
import { VolumeError } from './volumes/volume-errors.ts'

/** Milliseconds after which a container that could not be made is tried again. */
const RETRY = 4_000

/** What the containers of one pod wait for: in the words of their statuses, and until when. */
export class PodWaits {
  readonly #context: Pick<PodContext, 'clock' | 'event'>
  readonly #words = new Map<string, Waiting>()
  /** By container: when what could not be made is tried again. */
  readonly #retryAt = new Map<string, number>()

  constructor(context: Pick<PodContext, 'clock' | 'event'>) {
    this.#context = context
  }

  /** By container: why it does not run. */
  get words(): ReadonlyMap<string, Waiting> {
    return this.#words
  }

  /** A container waits no more. */
  end(name: string): void {
    this.#words.delete(name)
  }

  /** By container: milliseconds until its next try, of those whose time has not come. */
  get left(): Map<string, number> {
    const now = this.#context.clock.monotonic()
    return new Map([...this.#retryAt].flatMap(([name, at]) => (at > now ? [[name, at - now]] : [])))
  }

  /** A container that ended waits `delay` milliseconds from its end until it is started again: told by an event when that begins. */
  backOff(pod: Pod, name: string, delay: number): void {
    const { event, message } = backoffWords(pod, name, delay)
    if (this.#words.get(name)?.reason !== 'CrashLoopBackOff')
      this.#context.event({ pod, container: findContainer(pod, name) }, 'Warning', 'BackOff', event)
    this.#words.set(name, { reason: 'CrashLoopBackOff', message })
  }

  /** A container could not be started: says why, and when it is tried again. */
  failed(pod: Pod, container: Container, error: unknown, observed: readonly Observed[]): void {
    const { name } = container
    if (error instanceof ImageError) {
      this.#noImage(pod, container, error)
      return this.#retryAfter(name, error.retryAfter)
    }
    const message = error instanceof Error ? error.message : String(error)
    const reason = (error as { reason?: string }).reason ?? 'CreateContainerError'
    this.#words.set(name, { reason, message })
    if (error instanceof PostStartHookError) return
    this.#tell(pod, container, message)
    if (!(error instanceof RunContainerError)) return this.#retryAfter(name, RETRY)
    // One that may not start again has ended: that it could not run is how.
    const { last } = attemptsOf(observed, name)
    if (last?.state === 'exited' && !mayRestart(pod, container, last)) this.end(name)
  }

  /**
   * The volumes could not be set up. Where the image of one cannot be had, the containers that mount it wait as for an image of their own
   * (KEP-4639); false for any other reason.
   */
  volumeFailed(pod: Pod, error: unknown): boolean {
    if (!(error instanceof VolumeError && error.cause instanceof ImageError)) return false
    for (const container of allContainers(pod)) {
      if (container.volumeMounts?.some(({ name }) => name === error.volume)) this.#noImage(pod, container, error.cause)
    }
    return true
  }

  #noImage(pod: Pod, container: Container, { reason, message }: ImageError): void {
    const before = this.#words.get(container.name)?.reason
    this.#words.set(container.name, { reason, message })
    if (before !== reason) this.#tell(pod, container, reason)
  }

  #tell(pod: Pod, container: Container, why: string): void {
    this.#context.event({ pod, container }, 'Warning', 'Failed', `Error: ${why}`)
  }

  #retryAfter(name: string, milliseconds: number): void {
    this.#retryAt.set(name, this.#context.clock.monotonic() + milliseconds)
  }
}
