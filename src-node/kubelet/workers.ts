import type { Pod } from '#types/core/v1'
import type { PodContext } from './pod-context.ts'
import { PodWorker } from './pod-worker.ts'
import type { WaitingResize } from './plan/resize-order.ts'
import { type HostPortEntry, hostPortsOf } from './host-ports.ts'

/** The workers of all pods on this node, by uid. */
export class Workers {
  readonly #workers = new Map<string, PodWorker>()
  readonly #portListeners = new Set<() => void>()

  get(uid: string): PodWorker | undefined {
    return this.#workers.get(uid)
  }

  /** The worker of the pod that has a name now; a terminating pod of the same name may still be there beside it. */
  find(namespace: string, name: string): PodWorker | undefined {
    const named = [...this.#workers.values()].filter(
      ({ pod: { metadata } }) => metadata.namespace === namespace && metadata.name === name,
    )
    return named.find(({ pod }) => !pod.metadata.deletionTimestamp) ?? named[0]
  }

  all(): Iterable<PodWorker> {
    return [...this.#workers.values()]
  }

  /** All pods, as they were last heard of. */
  pods(): Pod[] {
    return [...this.#workers.values()].map(({ pod }) => pod)
  }

  /** Those that take something of the node. */
  taking(): Pod[] {
    return [...this.#workers.values()].filter(({ takesRoom }) => takesRoom).map(({ pod }) => pod)
  }

  /** Those that go on as they were for want of room. */
  waitingResizes(): WaitingResize[] {
    return [...this.#workers.values()].flatMap(({ waitingResize }) => waitingResize ?? [])
  }

  /** A pod is new, or it has changed. */
  add(pod: Pod, context: PodContext): void {
    const { uid } = pod.metadata
    const known = this.#workers.get(uid)
    if (known) return known.update(pod)
    const worker = new PodWorker(pod, context)
    this.#workers.set(uid, worker)
    worker.kick()
  }

  /** What it took may be what others wait for. */
  delete(uid: string): void {
    this.#workers.delete(uid)
    for (const worker of this.#workers.values()) if (worker.waitingResize) worker.kick()
  }

  /** Something about a pod's containers changed. */
  kick(uid: string): void {
    this.#workers.get(uid)?.kick()
    for (const listener of this.#portListeners) listener()
  }

  kickAll(): void {
    for (const worker of this.#workers.values()) worker.kick()
  }

  hostPorts(): HostPortEntry[] {
    return [...this.#workers.values()].flatMap(hostPortsOf)
  }

  onPorts(listener: () => void): () => void {
    this.#portListeners.add(listener)
    return () => this.#portListeners.delete(listener)
  }
}
