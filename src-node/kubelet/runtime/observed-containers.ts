import type { Observed } from '../plan/observed.ts'

/** Containers of all pods as they were last seen. Each pod's are kept together: every pass of a worker asks for them several times. */
export class ObservedContainers {
  /** By pod's uid, then by the container's id; no pod is here without a container. */
  readonly #byPod = new Map<string, Map<string, Observed>>()
  /** By the container's id: its pod's uid. */
  readonly #podOf = new Map<string, string>()

  set(one: Observed): void {
    const known = this.#byPod.get(one.podUid)
    if (known) known.set(one.id, one)
    else this.#byPod.set(one.podUid, new Map([[one.id, one]]))
    this.#podOf.set(one.id, one.podUid)
  }

  delete(id: string): void {
    const uid = this.#podOf.get(id)
    if (uid === undefined) return
    this.#podOf.delete(id)
    const left = this.#byPod.get(uid)!
    left.delete(id)
    if (left.size === 0) this.#byPod.delete(uid)
  }

  /** Forgets all containers but these. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#podOf.keys()) if (!ids.has(id)) this.delete(id)
  }

  /** In the order in which they were first seen. */
  ofPod(uid: string): Observed[] {
    return [...(this.#byPod.get(uid)?.values() ?? [])]
  }

  /** Every pod that has a container. */
  pods(): Array<{ uid: string; name: string; namespace: string }> {
    return [...this.#byPod].flatMap(([uid, containers]) => {
      const [first] = containers.values()
      return first ? [{ uid, name: first.podName, namespace: first.podNamespace }] : []
    })
  }
}
