import type { Node } from '#types/core/v1'
import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import { zoneOf } from './zones.ts'

/** kube-controller-manager's node-eviction-rate of 0.1 a second, one at once. */
const APART = 10_000

/** Lets nodes of one zone lose their pods one after the other ("Nodes: Rate limits on eviction"): others may come back meanwhile. */
export class EvictionPace {
  readonly #clock: Pick<Clock, 'monotonic'>
  /** By zone, when the next node may. */
  readonly #next = new Map<string, number>()

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** 0 when it is this node's turn, which it thereby takes; otherwise milliseconds until it may ask again. */
  take(node: Node): number {
    if (isEvicting(node)) return 0
    const zone = zoneOf(node)
    const now = this.#clock.monotonic()
    const left = (this.#next.get(zone) ?? now) - now
    if (left > 0) return left
    this.#next.set(zone, now + APART)
    return 0
  }
}

/** Whether a node has had its turn: it carries a taint that evicts. */
function isEvicting({ spec }: Node): boolean {
  const taints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
  return spec?.taints?.some(({ key, effect }) => effect === 'NoExecute' && taints.includes(key)) ?? false
}
