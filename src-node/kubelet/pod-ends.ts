import type { Pod } from '#types/core/v1'
import { isChanged } from './plan/actions.ts'
import { backoffAfter, backoffAfterProbe, type Backoff } from './plan/backoff.ts'
import { SANDBOX } from './plan/naming.ts'
import type { Observed } from './plan/observed.ts'
import { findContainer } from './plan/pod-containers.ts'

/** Of a container that has not failed yet: its next start is at once, and the one after its next end. */
const fresh: Backoff = { ends: 0, delay: 0, since: 0 }

/** The ends of one pod's containers: each counts once toward its container's back-off. */
export class PodEnds {
  /** By container name. */
  readonly backoffs = new Map<string, Backoff>()
  /** By id. */
  readonly #counted = new Set<string>()
  /** By id: those that end because a probe of theirs failed. */
  readonly #probed = new Set<string>()
  readonly #longestWait: number
  readonly #machineStarted: number

  /**
   * `longestWait`: milliseconds that a restart waits at most. `machineStarted`, milliseconds since the epoch: containers that are older ended with the
   * machine, and what happened to them before counts no more than to a kubelet that starts with its machine.
   */
  constructor(longestWait: number, machineStarted: number) {
    this.#longestWait = longestWait
    this.#machineStarted = machineStarted
  }

  /** A container is about to be ended for its probe. */
  endsForProbe(id: string): void {
    this.#probed.add(id)
  }

  /** Counts the ends that are new, and tells `ended` of each. */
  note(pod: Pod, observed: readonly Observed[], ended: (one: Observed) => void): void {
    for (const one of observed.toSorted((a, b) => a.attempt - b.attempt)) {
      if (one.state !== 'exited' || one.name === SANDBOX || this.#counted.has(one.id)) continue
      this.#counted.add(one.id)
      ended(one)
      const container = findContainer(pod, one.name)
      const ranBefore = Date.parse(one.startedAt ?? '') < this.#machineStarted
      // A new definition has not failed yet.
      if (!container || isChanged(container, one)) this.backoffs.delete(one.name)
      else this.backoffs.set(one.name, ranBefore ? fresh : this.#after(one))
    }
  }

  #after(one: Observed): Backoff {
    const before = this.backoffs.get(one.name)
    const after = this.#probed.delete(one.id) ? backoffAfterProbe(before, one) : backoffAfter(before, one)
    return { ...after, delay: Math.min(after.delay, this.#longestWait) }
  }
}
