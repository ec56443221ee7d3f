import { StatusError } from '../../../src-kube/machinery/errors.ts'

interface Stored {
  metadata: { name: string; [field: string]: unknown }
}

interface Call {
  verb?: string | undefined
  resource: { resource: string }
  name?: string | undefined
  signal?: AbortSignal | undefined
}

/** The few verbs that the cluster's own code asks of an API server, on objects that a test puts there. */
export class FakeApi {
  /** Resources watched so far, in order. */
  readonly watches: string[] = []
  readonly #objects: Map<string, Map<string, Stored>>
  readonly #watchers = new Map<string, Set<(object: Stored) => void>>()
  readonly #started = new Map<string, PromiseWithResolvers<void>>()

  constructor(objects: Record<string, Stored[]>) {
    this.#objects = new Map(
      Object.entries(objects).map(([name, list]) => [name, new Map(list.map((o) => [o.metadata.name, o]))]),
    )
  }

  names(resource: string): string[] {
    return [...(this.#objects.get(resource)?.keys() ?? [])]
  }

  /** Resolves once the resource is watched. */
  watched(resource: string): Promise<void> {
    const known = this.#started.get(resource) ?? Promise.withResolvers<void>()
    this.#started.set(resource, known)
    return known.promise
  }

  /** Puts an object there and tells the watchers. */
  send(resource: string, object: Stored): void {
    const objects = this.#objects.get(resource) ?? new Map<string, Stored>()
    this.#objects.set(resource, objects.set(object.metadata.name, object))
    for (const tell of this.#watchers.get(resource) ?? []) tell(object)
  }

  request(call: Call): Promise<unknown> {
    const objects = this.#objects.get(call.resource.resource)
    if (call.verb === 'list')
      return Promise.resolve({ metadata: { resourceVersion: '1' }, items: [...(objects?.values() ?? [])] })
    const found = call.name === undefined ? undefined : objects?.get(call.name)
    if (!found)
      return Promise.reject(new StatusError(404, 'NotFound', `${call.resource.resource} "${call.name}" not found`))
    if (call.verb === 'delete') objects!.delete(call.name!)
    return Promise.resolve(found)
  }

  async *watch({ resource: { resource }, signal }: Call): AsyncGenerator<{ type: string; object: Stored }> {
    const waiting: Stored[] = []
    let wake = Promise.withResolvers<void>()
    const tell = (object: Stored): void => {
      waiting.push(object)
      wake.resolve()
    }
    const watchers = this.#watchers.get(resource) ?? new Set()
    this.#watchers.set(resource, watchers.add(tell))
    signal?.addEventListener('abort', () => wake.resolve(), { once: true })
    this.watches.push(resource)
    void this.watched(resource)
    this.#started.get(resource)!.resolve()
    while (!signal?.aborted) {
      for (const object of waiting.splice(0)) yield { type: 'MODIFIED', object }
      if (signal?.aborted) break
      await wake.promise
      wake = Promise.withResolvers<void>()
    }
    watchers.delete(tell)
  }
}

export const nodeOf = (name: string, ready: 'True' | 'False', heartbeat: string): Stored & Record<string, unknown> => ({
  metadata: { name, resourceVersion: '1' },
  status: {
    conditions: [
      {
        type: 'Ready',
        status: ready,
        reason: ready === 'True' ? 'KubeletReady' : 'KubeletNotReady',
        message: 'starting',
        lastHeartbeatTime: heartbeat,
      },
    ],
  },
})

export const leaseOf = (name: string, renewTime: string): Stored & Record<string, unknown> => ({
  metadata: { name, resourceVersion: '1' },
  spec: { renewTime },
})
