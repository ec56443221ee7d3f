import type { Node, NodeCondition, Pod } from '#types/core/v1'
import { byNode } from '../../../../src-kube/client/indexer.ts'
import { refs } from '../../../../src-kube/client/refs.ts'
import { isNotFound } from '../../../../src-kube/machinery/errors.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  watching,
} from '../../../../src-kube/runtime/controller.ts'
import { isPodReady } from '../pods.ts'
import { EvictionPace } from './eviction-pace.ts'
import { Pulse } from './pulse.ts'
import { sameTaints, wantedTaints } from './taints.ts'
import { evictionOf, type Eviction } from './zones.ts'

const leaseNamespace = 'kube-node-lease'
/** While nobody may be evicted, how often that is looked at again, in milliseconds. */
const recheck = 5_000
const judged = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']

/**
 * Watches over nodes by their leases ("Node heartbeats"): silent for the grace period, a node's conditions become Unknown; conditions
 * become taints; pods of a node that is not ready stop being ready.
 *
 * @param gracePeriod milliseconds; 50 s as kube-controller-manager's node-monitor-grace-period
 * @param startupGracePeriod milliseconds for a node that has never said how it is; 60 s as its node-startup-grace-period
 */
export function nodeLifecycleController(gracePeriod = 50_000, startupGracePeriod = 60_000): AnyController {
  let pulse: Pulse
  let pace: EvictionPace
  /** By node that is lost, the uids of the pods that were marked for it: what its kubelet says of them after that stands. */
  const marked = new Map<string, Set<string>>()
  return defineController<Node>({
    name: 'node-lifecycle-controller',
    component: 'node-controller',
    for: refs.nodes,
    watches: [
      watching(refs.leases, (lease, ctx, old) => {
        const { namespace, name } = lease.metadata
        if (namespace !== leaseNamespace) return []
        if (lease.spec?.renewTime !== old?.spec?.renewTime) pulse.heard(name)
        return isUnknown(ctx.informer(refs.nodes).get(name)) ? [name] : []
      }),
      watching(refs.nodes, (node, ctx, old) => {
        const changed = readyOf(node)?.status !== readyOf(old)?.status
        return changed
          ? ctx
              .informer(refs.nodes)
              .list()
              .map((n) => n.metadata.name)
          : []
      }),
    ],
    setup(ctx) {
      pulse = new Pulse(ctx.clock, ctx.signal)
      pace = new EvictionPace(ctx.clock)
      ctx.informer(refs.pods).addIndex(byNode.name, byNode.of)
      const tell = (node: Node, reason: string, message: string) =>
        ctx.events.event(node, 'Normal', reason, `Node ${node.metadata.name} ${message}`)
      ctx.informer(refs.nodes).on({
        add(node) {
          const { name } = node.metadata
          pulse.heard(name)
          tell(node, 'RegisteredNode', `event: Registered Node ${name} in Controller`)
        },
        update(node, old) {
          const posted = readyOf(node)?.lastHeartbeatTime !== readyOf(old)?.lastHeartbeatTime
          if (posted && !isUnknown(node)) pulse.heard(node.metadata.name)
          if (isReady(old) && !isReady(node)) tell(node, 'NodeNotReady', 'status is now: NodeNotReady')
        },
        delete: (node) => tell(node, 'RemovingNode', `event: Removing Node ${node.metadata.name} from Controller`),
      })
      const wake = (pod: Pod) => {
        const node = ctx.informer(refs.nodes).get(pod.spec.nodeName ?? '')
        if (!node || !isPodReady(pod) || isReady(node)) return
        if (!marked.get(node.metadata.name)?.has(pod.metadata.uid)) ctx.enqueue(node.metadata.name)
      }
      ctx.informer(refs.pods).on({ add: wake, update: wake })
    },
    async reconcile(ctx, given) {
      const left = (readyOf(given) ? gracePeriod : startupGracePeriod) - pulse.silence(given.metadata.name)
      const node = left <= 0 ? await markUnknown(ctx, given) : given
      // Nodes that fall silent together do not vouch for each other.
      const lives = (other: Node) => isReady(other) && pulse.silence(other.metadata.name) < gracePeriod / 2
      const verdict = isReady(node) ? 'remove' : evictionOf(node, ctx.informer(refs.nodes).list(), lives)
      // A node that has no pods, as each has none while it starts, takes nobody's turn.
      const holds = ctx.informer(refs.pods).byIndex(byNode.name, node.metadata.name).length > 0
      const turn = verdict === 'add' && readyOf(node) && holds ? pace.take(node) : 0
      const eviction = turn > 0 ? 'keep' : verdict
      await taint(ctx, node, eviction)
      const lost = readyOf(node) !== undefined && !isReady(node)
      if (lost) await markPods(ctx, node, marked)
      else marked.delete(given.metadata.name)
      if (turn > 0) return requeueAfter(turn)
      if (lost && eviction !== 'add') return requeueAfter(recheck)
      return left > 0 ? requeueAfter(left) : done
    },
    async gone(_ctx, key) {
      pulse.forget(key)
      marked.delete(key)
    },
  })
}

export function readyOf(node: Node | undefined): NodeCondition | undefined {
  return node?.status?.conditions?.find((condition) => condition.type === 'Ready')
}

function isReady(node: Node | undefined): boolean {
  return readyOf(node)?.status === 'True'
}

function isUnknown(node: Node | undefined): boolean {
  return readyOf(node)?.status === 'Unknown'
}

async function markUnknown(ctx: ControllerContext, node: Node): Promise<Node> {
  if (isUnknown(node)) return node
  const time = formatTime(ctx.clock.now())
  const unknown = (type: string, old: NodeCondition | undefined): NodeCondition => {
    if (old?.status === 'Unknown') return old
    return {
      type,
      status: 'Unknown',
      reason: old ? 'NodeStatusUnknown' : 'NodeStatusNeverUpdated',
      message: old ? 'Kubelet stopped posting node status.' : 'Kubelet never posted node status.',
      lastHeartbeatTime: old?.lastHeartbeatTime ?? node.metadata.creationTimestamp,
      lastTransitionTime: time,
    }
  }
  const posted = node.status?.conditions ?? []
  const never = judged.filter((type) => !posted.some((condition) => condition.type === type))
  const conditions = [
    ...posted.map((condition) => (judged.includes(condition.type) ? unknown(condition.type, condition) : condition)),
    ...never.map((type) => unknown(type, undefined)),
  ]
  const status = { ...node.status, conditions }
  return ctx.client.resource(refs.nodes).updateStatus({ ...node, status })
}

async function taint(ctx: ControllerContext, node: Node, eviction: Eviction): Promise<void> {
  const taints = wantedTaints(node, eviction, ctx.clock.now())
  if (sameTaints(node.spec?.taints ?? [], taints)) return
  const { name, resourceVersion } = node.metadata
  await ctx.client.resource(refs.nodes).patch({
    name,
    type: 'application/merge-patch+json',
    body: { metadata: { resourceVersion }, spec: { taints } },
  })
}

/** Endpoints must not lead to pods of a lost node: each is marked once a loss; the kubelet sets the condition again when it is back. */
async function markPods(ctx: ControllerContext, node: Node, marked: Map<string, Set<string>>): Promise<void> {
  const time = formatTime(ctx.clock.now())
  const done = marked.get(node.metadata.name) ?? new Set()
  marked.set(node.metadata.name, done)
  for (const pod of ctx.informer(refs.pods).byIndex(byNode.name, node.metadata.name)) {
    const { uid } = pod.metadata
    if (!isPodReady(pod) || done.has(uid)) continue
    const conditions = (pod.status?.conditions ?? []).map((condition) =>
      condition.type === 'Ready' ? { ...condition, status: 'False' as const, lastTransitionTime: time } : condition,
    )
    try {
      await ctx.client.resource(refs.pods).updateStatus({ ...pod, status: { ...pod.status, conditions } })
      done.add(uid)
      ctx.events.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready')
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}
