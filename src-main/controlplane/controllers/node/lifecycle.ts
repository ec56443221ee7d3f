import type { Lease } from '#types/coordination.k8s.io/v1'
import type { Node, Pod } from '#types/core/v1'
import { byNode } from '../../../../src-kube/client/indexer.ts'
import { refs } from '../../../../src-kube/client/refs.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  type ReconcileResult,
  requeueAfter,
  watching,
} from '../../../../src-kube/runtime/controller.ts'
import { isPodReady } from '../pods.ts'
import { EvictionPace } from './eviction-pace.ts'
import { NodeMetrics } from './metrics.ts'
import { PodMarks } from './pod-marks.ts'
import { Pulse } from './pulse.ts'
import { isReady, isUnknown, markUnknown, readyOf } from './readiness.ts'
import { sameTaints, wantedTaints } from './taints.ts'
import { evictionOf, type Eviction } from './zones.ts'

const LEASE_NAMESPACE = 'kube-node-lease'
/** While nobody may be evicted, how often that is looked at again, in milliseconds. */
const RECHECK = 5_000

/** How long nodes may be silent, in milliseconds. */
interface Patience {
  gracePeriod: number
  /** For a node that has never said how it is. */
  startupGracePeriod: number
}

/**
 * Watches over nodes by their leases ("Node heartbeats"): silent for the grace period, a node's conditions become Unknown; conditions
 * become taints; pods of a node that is not ready stop being ready.
 *
 * @param gracePeriod milliseconds; 50 s as kube-controller-manager's node-monitor-grace-period
 * @param startupGracePeriod milliseconds for a node that has never said how it is; 60 s as its node-startup-grace-period
 */
export function nodeLifecycleController(
  gracePeriod = 50_000,
  startupGracePeriod = 60_000,
  metrics = new NodeMetrics(),
): AnyController {
  let lifecycle: NodeLifecycle
  return defineController<Node>({
    name: 'node-lifecycle-controller',
    component: 'node-controller',
    for: refs.nodes,
    watches: [
      watching(refs.leases, (lease, _ctx, old) => lifecycle.awakenedBy(lease, old)),
      watching(refs.nodes, (node, ctx, old) =>
        readyOf(node)?.status === readyOf(old)?.status ? [] : namesOf(ctx.informer(refs.nodes).list()),
      ),
    ],
    setup(ctx) {
      lifecycle = new NodeLifecycle(ctx, { gracePeriod, startupGracePeriod }, metrics)
      lifecycle.follow()
    },
    reconcile: (_ctx, node) => lifecycle.judge(node),
    async gone(_ctx, key) {
      lifecycle.forget(key)
    },
  })
}

class NodeLifecycle {
  readonly #ctx: ControllerContext
  readonly #patience: Patience
  readonly #metrics: NodeMetrics
  readonly #pulse: Pulse
  readonly #pace: EvictionPace
  readonly #marks = new PodMarks()

  constructor(ctx: ControllerContext, patience: Patience, metrics: NodeMetrics) {
    this.#metrics = metrics
    this.#ctx = ctx
    this.#patience = patience
    this.#pulse = new Pulse(ctx.clock, ctx.signal)
    this.#pace = new EvictionPace(ctx.clock)
  }

  /** Hears of nodes and their pods from now on. */
  follow(): void {
    const ctx = this.#ctx
    ctx.informer(refs.pods).addIndex(byNode.name, byNode.of)
    ctx.informer(refs.nodes).on({
      add: (node) => {
        const { name } = node.metadata
        this.#pulse.heard(name)
        this.#tell(node, 'RegisteredNode', `event: Registered Node ${name} in Controller`)
      },
      update: (node, old) => {
        const posted = readyOf(node)?.lastHeartbeatTime !== readyOf(old)?.lastHeartbeatTime
        if (posted && !isUnknown(node)) this.#pulse.heard(node.metadata.name)
        if (isReady(old) && !isReady(node)) this.#tell(node, 'NodeNotReady', 'status is now: NodeNotReady')
      },
      delete: (node) => this.#tell(node, 'RemovingNode', `event: Removing Node ${node.metadata.name} from Controller`),
    })
    const wake = (pod: Pod) => {
      const node = ctx.informer(refs.nodes).get(pod.spec.nodeName ?? '')
      if (!node || !isPodReady(pod) || isReady(node)) return
      if (!this.#marks.has(node, pod)) ctx.enqueue(node.metadata.name)
    }
    ctx.informer(refs.pods).on({ add: wake, update: wake })
  }

  /** Takes a lease for a sign of life; the node that it wakes from being lost. */
  awakenedBy(lease: Lease, old: Lease | undefined): string[] {
    const { namespace, name } = lease.metadata
    if (namespace !== LEASE_NAMESPACE) return []
    if (lease.spec?.renewTime !== old?.spec?.renewTime) this.#pulse.heard(name)
    return isUnknown(this.#ctx.informer(refs.nodes).get(name)) ? [name] : []
  }

  /** Writes what a node's silence and conditions mean for it and its pods. */
  async judge(given: Node): Promise<ReconcileResult> {
    const ctx = this.#ctx
    const { gracePeriod, startupGracePeriod } = this.#patience
    const left = (readyOf(given) ? gracePeriod : startupGracePeriod) - this.#pulse.silence(given.metadata.name)
    const node = left <= 0 ? await markUnknown(ctx, given) : given
    const { eviction, turn } = this.#evictionFrom(node)
    const { tainted } = await taint(ctx, node, eviction)
    if (tainted && eviction === 'add') this.#metrics.evicted(node)
    const lost = readyOf(node) !== undefined && !isReady(node)
    if (lost) await this.#marks.markPodsOf(ctx, node)
    else this.#marks.forget(given.metadata.name)
    if (turn > 0) return requeueAfter(turn)
    if (lost && eviction !== 'add') return requeueAfter(RECHECK)
    return left > 0 ? requeueAfter(left) : done
  }

  forget(name: string): void {
    this.#pulse.forget(name)
    this.#marks.forget(name)
  }

  /** `turn`: milliseconds until this node's pods may be evicted, where others go first. */
  #evictionFrom(node: Node): { eviction: Eviction; turn: number } {
    const { gracePeriod } = this.#patience
    // Nodes that fall silent together do not vouch for each other.
    const lives = (other: Node) => isReady(other) && this.#pulse.silence(other.metadata.name) < gracePeriod / 2
    const verdict = isReady(node) ? 'remove' : evictionOf(node, this.#ctx.informer(refs.nodes).list(), lives)
    // A node that has no pods, as each has none while it starts, takes nobody's turn.
    const holds = this.#ctx.informer(refs.pods).byIndex(byNode.name, node.metadata.name).length > 0
    const turn = verdict === 'add' && readyOf(node) && holds ? this.#pace.take(node) : 0
    return { eviction: turn > 0 ? 'keep' : verdict, turn }
  }

  #tell(node: Node, reason: string, message: string): void {
    this.#ctx.events.event(node, 'Normal', reason, `Node ${node.metadata.name} ${message}`)
  }
}

const namesOf = (nodes: readonly Node[]): string[] => nodes.map((node) => node.metadata.name)

/** `tainted`: the node has a NoExecute taint that it did not have. */
async function taint(ctx: ControllerContext, node: Node, eviction: Eviction): Promise<{ tainted: boolean }> {
  const taints = wantedTaints(node, eviction, ctx.clock.now())
  const before = node.spec?.taints ?? []
  if (sameTaints(before, taints)) return { tainted: false }
  const { name, resourceVersion } = node.metadata
  await ctx.client.resource(refs.nodes).patch({
    name,
    type: 'application/merge-patch+json',
    body: { metadata: { resourceVersion }, spec: { taints } },
  })
  return { tainted: evicting(taints) > evicting(before) }
}

const evicting = (taints: NonNullable<NonNullable<Node['spec']>['taints']>): number =>
  taints.filter(({ effect }) => effect === 'NoExecute').length
