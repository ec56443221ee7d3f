import type { Node, PersistentVolumeClaim, Pod } from '#types/core/v1'
import type { InformerFactory } from '../../../src-kube/client/informer-factory.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import type { ObjectLike } from '../../../src-kube/machinery/meta.ts'
import type { TypedRef } from '../../../src-kube/client/typed-client.ts'
import type { SchedulerCache } from './cache.ts'
import type { Plugin } from './framework/plugin.ts'
import { isWaitingFor, podInfoOf } from './framework/pod-info.ts'
import { freesRoom } from './framework/requests.ts'
import type { Nominator } from './nominator.ts'
import type { SchedulingQueue } from './queue.ts'
import type { Reporter } from './reporter.ts'

/** What hears of nodes, pods and the other objects that plugins ask for. */
export interface IntakeOptions {
  informers: InformerFactory
  cache: SchedulerCache
  queue: SchedulingQueue
  nominator: Nominator
  reporter: Reporter
  plugins: readonly Plugin[]
  schedulerName: string
}

/** Brings what informers hear into cache and queue; answers how to stop. */
export function connect(options: IntakeOptions): () => void {
  const { informers, cache, queue } = options
  const nodes = informers.informer(refs.nodes).on({
    add(node) {
      cache.setNode(node)
      queue.notice({ resource: 'node', action: 'add', node })
    },
    update(node, old) {
      cache.setNode(node)
      if (nodeMayFit(node, old)) queue.notice({ resource: 'node', action: 'update', node, old })
    },
    delete(node) {
      cache.removeNode(node.metadata.name)
      queue.notice({ resource: 'lost node', action: 'delete', node })
    },
  })
  const pods = informers.informer(refs.pods).on(podHandlers(options))
  const onChange = <T extends ObjectLike>(ref: TypedRef<T>, resource: 'volume' | 'device') => {
    const change = () => queue.notice({ resource, action: 'change' })
    return informers.informer(ref).on({ add: change, update: change, delete: change })
  }
  const claimed = (claim: PersistentVolumeClaim) => queue.notice({ resource: 'volume', action: 'change', claim })
  const others = [
    informers.informer(refs.persistentVolumeClaims).on({ add: claimed, update: claimed, delete: claimed }),
    onChange(refs.persistentVolumes, 'volume'),
    onChange(refs.storageClasses, 'volume'),
    onChange(refs.csiDrivers, 'volume'),
    onChange(refs.csiNodes, 'volume'),
    onChange(refs.csiStorageCapacities, 'volume'),
    onChange(refs.volumeAttachments, 'volume'),
    onChange(refs.resourceClaims, 'device'),
    onChange(refs.resourceSlices, 'device'),
    onChange(refs.deviceClasses, 'device'),
    informers.informer(refs.namespaces).on({
      add: () => queue.notice({ resource: 'namespace', action: 'change' }),
      update({ metadata }, old) {
        if (differ(metadata.labels, old.metadata.labels)) queue.notice({ resource: 'namespace', action: 'change' })
      },
    }),
  ]
  return () => [nodes, pods, ...others].forEach((stop) => stop())
}

function podHandlers(options: IntakeOptions) {
  const { cache, queue, nominator, reporter } = options
  const counts = (pod: Pod) => !!pod.spec.nodeName && !isOver(pod)
  const place = (pod: Pod, old: Pod | undefined) => {
    nominator.delete(pod.metadata.uid)
    queue.delete(podInfoOf(pod).key)
    cache.setPod(podInfoOf(pod), pod.spec.nodeName!)
    if (!old || !counts(old)) queue.notice({ resource: 'pod', action: 'add', pod })
    else if (mattersToOthers(pod, old)) queue.notice({ resource: 'pod', action: 'update', pod, old })
  }
  const gone = (pod: Pod) => {
    const { uid, key } = podInfoOf(pod)
    nominator.delete(uid)
    reporter.settled(uid)
    const queued = queue.find(key)
    if (queued?.info.uid === uid) queue.delete(key)
    const counted = cache.isAssumed(uid) || counts(pod)
    cache.removePod(uid)
    if (counted || pod.spec.nodeName) queue.notice({ resource: 'pod', action: 'delete', pod })
  }
  const take = (pod: Pod, old: Pod | undefined) => {
    if (counts(pod)) place(pod, old)
    else if (isOver(pod) || pod.metadata.deletionTimestamp) {
      if (!old || !isOver(old)) gone(pod)
    } else if (isWaitingFor(options.schedulerName, pod)) enqueue(options, pod, old)
  }
  return { add: (pod: Pod) => take(pod, undefined), update: take, delete: gone }
}

function enqueue({ cache, queue, nominator, plugins, reporter }: IntakeOptions, pod: Pod, old: Pod | undefined): void {
  const info = podInfoOf(pod)
  if (cache.isAssumed(info.uid)) return
  const { nominatedNodeName } = pod.status ?? {}
  if (nominatedNodeName !== old?.status?.nominatedNodeName) {
    if (nominatedNodeName) nominator.set(info, nominatedNodeName)
    else nominator.delete(info.uid)
  }
  for (const plugin of plugins) {
    const why = plugin.preEnqueue?.(info)
    if (why === undefined) continue
    if (queue.has(info.key)) queue.update(info, { mayFit: false })
    else queue.park(info, plugin)
    if (pod.spec.schedulingGates?.length)
      void reporter.condition(info, 'SchedulingGated', 'Scheduling is blocked due to non-empty scheduling gates')
    return
  }
  if (queue.has(info.key)) queue.update(info, { mayFit: !old || mattersToItself(pod, old) })
  else if (!old || mattersToItself(pod, old)) queue.add(info)
}

const isOver = (pod: Pod) => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'

const differ = (a: unknown, b: unknown) => a !== b && JSON.stringify(a) !== JSON.stringify(b)

/** Whether a change to a node may let pods on it: heartbeats, images and what is attached do not. */
function nodeMayFit(node: Node, old: Node): boolean {
  const { metadata, spec, status } = node
  return (
    spec?.unschedulable !== old.spec?.unschedulable ||
    differ(spec?.taints, old.spec?.taints) ||
    differ(status?.allocatable, old.status?.allocatable) ||
    differ(metadata.labels, old.metadata.labels) ||
    differ(metadata.annotations, old.metadata.annotations) ||
    differ(conditionsOf(node), conditionsOf(old))
  )
}

const conditionsOf = ({ status }: Node) => status?.conditions?.map(({ type, status: holds }) => [type, holds])

/** Whether a change to an unscheduled pod may let it fit: all but bookkeeping and status, of which the claims made for it count. */
function mattersToItself(pod: Pod, old: Pod): boolean {
  return (
    specMayDiffer(pod, old) ||
    differ(pod.metadata.labels, old.metadata.labels) ||
    differ(pod.status?.resourceClaimStatuses, old.status?.resourceClaimStatuses)
  )
}

/** Whether a change to a running pod may let others fit: its labels (affinity), or smaller requests, which it may have got by now. */
function mattersToOthers(pod: Pod, old: Pod): boolean {
  if (specMayDiffer(pod, old) || differ(pod.metadata.labels, old.metadata.labels)) return true
  return freesRoom(podInfoOf(pod).requests, podInfoOf(old).requests)
}

/** Compares the specs only when their generations (KEP-5067) do not say that they are the same. */
function specMayDiffer({ metadata, spec }: Pod, old: Pod): boolean {
  const known = metadata.generation !== undefined && metadata.generation === old.metadata.generation
  return !known && differ(spec, old.spec)
}
