import type { InformerFactory } from '../../../../src-kube/client/informer-factory.ts'
import type { Client } from '../../../../src-kube/client/typed-client.ts'
import type { ResourceRef } from '../../../../src-kube/kinds/descriptor.ts'
import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import { isConflict, isNotFound } from '../../../../src-kube/machinery/errors.ts'
import type { ObjectLike } from '../../../../src-kube/machinery/meta.ts'
import type { Log } from '../../../../src-kube/runtime/controller.ts'
import type { RunningController } from '../../../../src-kube/runtime/manager.ts'
import { createEventRecorder } from '../../../../src-kube/runtime/events.ts'
import { WorkQueue } from '../../../../src-kube/runtime/work-queue.ts'
import type { WorkQueueMetrics } from '../../../../src-kube/runtime/queue-metrics.ts'
import type { ResourceSource } from '../discovery.ts'
import { attemptToDelete, orphanDependents } from './actions.ts'
import { type GraphNode, OwnerGraph } from './graph.ts'

/** What the garbage collector follows: all resources that can be deleted, custom ones as they come (kubernetes.io, "Garbage Collection"). */
export interface CollectorOptions {
  client: Client
  informers: InformerFactory
  resources: ResourceSource
  clock: Clock
  signal: AbortSignal
  log: Log
  /** Counts what the queue does; nobody does when absent. */
  queues?: WorkQueueMetrics | undefined
}

/**
 * Deletes what has lost its last owner, in the background, in the foreground (owners wait for dependents that block them), or leaves
 * orphans, as "Garbage Collection" in the Kubernetes documentation defines. It watches every resource but events through
 * the shared informers; before it deletes it asks the server, so a late cache costs a look-up and never an object.
 */
export function startGarbageCollector(options: CollectorOptions): RunningController {
  const { informers, resources, clock, signal, log } = options
  const graph = new OwnerGraph()
  const component = 'garbage-collector-controller'
  const recorder = createEventRecorder({ client: options.client, clock, signal, log, component })
  const queue: WorkQueue = new WorkQueue({
    clock,
    metrics: options.queues?.of('garbage_collector_attempt_to_delete'),
    workers: 8,
    handle: async (uid) => {
      const node = graph.get(uid)
      if (!node || signal.aborted) return
      try {
        const context = { ...options, graph, recorder, enqueue: (other: string) => queue.add(other) }
        if (node.orphaning) await orphanDependents(context, node)
        else await attemptToDelete(context, node)
        queue.forget(uid)
      } catch (error) {
        if (signal.aborted) return
        if (!isConflict(error) && !isNotFound(error)) {
          const { name, namespace, ref } = node
          log.warn('garbage collection failed', { resource: ref.resource, namespace, name, error: String(error) })
        }
        queue.addRateLimited(uid)
      }
    },
  })
  const waits: Array<Promise<void>> = []
  const watch = (ref: ResourceRef) => {
    if (ref.resource === 'events') return
    const informer = informers.informer<ObjectLike>(ref)
    waits.push(informer.synced)
    informer.on({
      add: (object) => noticed(graph, queue, ref, object),
      update: (object) => noticed(graph, queue, ref, object),
      delete: (object) => removed(graph, queue, object.metadata.uid),
    })
  }
  resources.on({ add: watch, remove: (ref) => informers.drop(ref) })
  const synced = (async () => {
    await resources.synced
    await Promise.all(waits)
    if (!signal.aborted) queue.start()
  })()
  return { name: component, synced, stop: () => queue.stop() }
}

function noticed(graph: OwnerGraph, queue: WorkQueue, ref: ResourceRef, object: ObjectLike): void {
  const { node, old } = graph.upsert(ref, object)
  if ((!old || !sameOwners(old, node)) && hasDoubtfulOwner(graph, node)) queue.add(node.uid)
  for (const owner of old?.owners ?? []) if (graph.get(owner.uid)?.waiting) queue.add(owner.uid)
  if (node.orphaning) queue.add(node.uid)
  else if (node.waiting) {
    queue.add(node.uid)
    if (!old?.waiting) for (const dependent of graph.dependentUidsOf(node.uid)) queue.add(dependent)
  }
}

/** An owner that is unknown, is another, or waits for its dependents; one that is known and stays costs no look-up at all. */
function hasDoubtfulOwner(graph: OwnerGraph, node: GraphNode): boolean {
  return node.owners.some(({ uid, name }) => {
    const owner = graph.get(uid)
    if (!owner || owner.waiting || owner.name !== name) return true
    return owner.namespace !== undefined && owner.namespace !== node.namespace
  })
}

function sameOwners(a: GraphNode, b: GraphNode): boolean {
  return a.owners.length === b.owners.length && a.owners.every((owner, i) => owner.uid === b.owners[i]?.uid)
}

function removed(graph: OwnerGraph, queue: WorkQueue, uid: string): void {
  const node = graph.remove(uid)
  if (!node) return
  for (const dependent of graph.dependentUidsOf(uid)) queue.add(dependent)
  for (const owner of node.owners) if (graph.get(owner.uid)?.waiting) queue.add(owner.uid)
}
