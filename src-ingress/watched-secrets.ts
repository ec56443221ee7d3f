import type { Secret } from '#types/core/v1'
import { childController } from '../src-kube/client/child-controller.ts'
import { createInformer, type Informer } from '../src-kube/client/informer.ts'
import { refs } from '../src-kube/client/refs.ts'
import { sleep } from '../src-kube/client/sleep.ts'
import type { Client } from '../src-kube/client/typed-client.ts'
import type { Clock } from '../src-kube/machinery/clock.ts'

/** Milliseconds that all Ingresses wait for a Secret of one. */
const PATIENCE = 3_000

/** What secrets are watched with, and what hears of them. */
export interface WatchedSecretsOptions {
  client: Client
  clock: Clock
  signal: AbortSignal
  onChange(): void
  onError(error: unknown): void
}

/** The Secrets that Ingresses name, each watched by itself: the controller never sees any other. */
export class WatchedSecrets {
  readonly #options: WatchedSecretsOptions
  readonly #watched = new Map<string, { informer: Informer<Secret>; abort: AbortController }>()

  constructor(options: WatchedSecretsOptions) {
    this.#options = options
  }

  get(key: string): Secret | undefined {
    return this.#watched.get(key)?.informer.get(key)
  }

  /** Watches these and no others; resolves when each is known or known not to be, or cannot be asked for in {@link PATIENCE}. */
  async follow(keys: ReadonlySet<string>): Promise<void> {
    for (const [key, { abort }] of this.#watched) {
      if (keys.has(key)) continue
      abort.abort()
      this.#watched.delete(key)
    }
    for (const key of keys) if (!this.#watched.has(key)) this.#watch(key)
    const known = Promise.all([...this.#watched.values()].map(({ informer }) => informer.synced))
    const { clock, signal } = this.#options
    await Promise.race([known, sleep(clock, PATIENCE, signal)])
  }

  #watch(key: string): void {
    const { client, clock, onChange, onError } = this.#options
    const [namespace, name] = key.split('/')
    const abort = childController(this.#options.signal)
    const { signal } = abort
    const fieldSelector = `metadata.name=${name}`
    const informer = createInformer({ client, clock, ref: refs.secrets, namespace, fieldSelector, signal, onError })
    informer.on({ add: onChange, update: onChange, delete: onChange })
    this.#watched.set(key, { informer, abort })
  }
}
