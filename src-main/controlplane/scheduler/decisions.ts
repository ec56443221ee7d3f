/** What the scheduler decided about a pod, and why: kept for people to look at. */
export interface Decision {
  /** `namespace/name`. */
  readonly pod: string
  readonly uid: string
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly attempt: number
  readonly nodeName: string | undefined
  /** The message of the event, when no node was found. */
  readonly message: string | undefined
  /** Why each node that was refused does not do. */
  readonly refused: ReadonlyMap<string, { readonly reasons: readonly string[]; readonly detail?: string | undefined }>
  /** The nodes that would do; `scores` lists are in this order. */
  readonly feasible: ReadonlyArray<{ readonly name: string }>
  /** Weighted, normalised, by plugin; undefined when there was no choice. */
  readonly scores: Readonly<Record<string, readonly number[]>> | undefined
}

/** Why the last pods went where they did, by `namespace/name`; for the app, and gone with the process. */
export interface DecisionLog {
  /** The latest decision about a pod that is still remembered. */
  get(key: string): Decision | undefined
  /** Oldest first. */
  list(): Decision[]
}

/** The latest decision of each of the last `capacity` pods. */
export class DecisionRing implements DecisionLog {
  readonly #capacity: number
  readonly #decisions = new Map<string, Decision>()

  constructor(capacity = 512) {
    this.#capacity = capacity
  }

  record(decision: Decision): void {
    this.#decisions.delete(decision.pod)
    this.#decisions.set(decision.pod, decision)
    if (this.#decisions.size <= this.#capacity) return
    const oldest = this.#decisions.keys().next()
    if (!oldest.done) this.#decisions.delete(oldest.value)
  }

  get(key: string): Decision | undefined {
    return this.#decisions.get(key)
  }

  list(): Decision[] {
    return [...this.#decisions.values()]
  }
}
