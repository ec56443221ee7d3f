import type { ResourceRef } from '../../src-kube/kinds/descriptor.ts'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import type { KubeList, ObjectLike } from '../../src-kube/machinery/meta.ts'
import type { HttpTransport } from '../../src-wire/http-transport.ts'

/** Seconds on the kernel's clock, which containers of this machine read in `/proc/uptime` too. */
export type Seconds = number

interface Waiter<T> {
  holds: (objects: readonly T[]) => boolean
  resolve: (at: Seconds) => void
}

/** A resource as a watch shows it: tests wait for what they expect of all its objects, and learn when that came to be. */
export class Timeline<T extends ObjectLike> {
  readonly #stopped = new AbortController()
  readonly #objects = new Map<string, T>()
  readonly #waiters = new Set<Waiter<T>>()
  readonly #now: () => Seconds
  readonly #running: Promise<void>

  constructor(
    api: HttpTransport,
    resource: ResourceRef,
    options: { now: () => Seconds; query?: Record<string, string> },
  ) {
    this.#now = options.now
    this.#running = this.#run(api, resource, options.query ?? {})
    // A failure is told to whoever waits, and by `stop`.
    this.#running.catch(() => undefined)
  }

  /** All objects as they are now. */
  get objects(): readonly T[] {
    return [...this.#objects.values()]
  }

  /** When it holds: now, or at the event that makes it so. Rejects after `timeout` seconds with what there is instead. */
  async when(what: string, holds: (objects: readonly T[]) => boolean, timeout: Seconds = 60): Promise<Seconds> {
    if (holds(this.objects)) return this.#now()
    const { promise, resolve, reject } = Promise.withResolvers<Seconds>()
    const waiter = { holds, resolve }
    this.#waiters.add(waiter)
    const timer = setTimeout(
      () => reject(new Error(`${what}: not within ${timeout} s; there is ${JSON.stringify(this.objects)}`)),
      timeout * 1000,
    )
    void this.#running.then(() => reject(new Error(`${what}: the watch was stopped`)), reject)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#waiters.delete(waiter)
    }
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#running
  }

  async #run(api: HttpTransport, resource: ResourceRef, query: Record<string, string>): Promise<void> {
    const { signal } = this.#stopped
    while (!signal.aborted) {
      const list = (await api.request({ verb: 'list', resource, query })) as unknown as KubeList<T>
      this.#objects.clear()
      for (const object of list.items) this.#objects.set(object.metadata.uid, object)
      this.#look()
      await this.#follow(api, resource, { ...query, resourceVersion: list.metadata.resourceVersion ?? '' })
    }
  }

  /** Until the server ends the watch; one that is too old to be resumed starts with a list again. */
  async #follow(api: HttpTransport, resource: ResourceRef, query: Record<string, string>): Promise<void> {
    try {
      for await (const { type, object } of api.watch({ resource, query, signal: this.#stopped.signal })) {
        if (type === 'DELETED') this.#objects.delete(object.metadata.uid)
        else if (type !== 'BOOKMARK') this.#objects.set(object.metadata.uid, object as unknown as T)
        this.#look()
      }
    } catch (error) {
      if (!(error instanceof StatusError && error.code === 410)) throw error
    }
  }

  #look(): void {
    const at = this.#now()
    const objects = this.objects
    for (const waiter of this.#waiters) if (waiter.holds(objects)) waiter.resolve(at)
  }
}
