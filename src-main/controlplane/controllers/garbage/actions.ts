import type { Client } from '../../../../src-kube/client/typed-client.ts'
import { formatApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import type { KubeObject, OwnerReference } from '../../../../src-kube/machinery/meta.ts'
import type { EventRecorder } from '../../../../src-kube/runtime/events.ts'
import type { ResourceSource } from '../discovery.ts'
import type { GraphNode, OwnerGraph } from './graph.ts'
import { unlessGone } from '../unless-gone.ts'

/** What deleting dependents and orphaning them takes. */
export interface ActionContext {
  client: Client
  resources: ResourceSource
  graph: OwnerGraph
  enqueue: (uid: string) => void
  recorder: EventRecorder
}

/** Deletes an object whose owners are all gone, drops references to owners that are gone while others remain, or ends its wait for dependents. */
export async function attemptToDelete(ctx: ActionContext, node: GraphNode): Promise<void> {
  if (node.deleting && !node.waiting) return
  const live = await read(ctx, node)
  if (!live || live.metadata.uid !== node.uid) return
  if (node.waiting) return processWaiting(ctx, node, live)
  const owners = live.metadata.ownerReferences ?? []
  if (owners.length === 0) return
  const { solid, dangling, waiting } = await classify(ctx, node, owners)
  if (solid.length > 0) {
    if (dangling.length + waiting.length > 0) await patch(ctx, node, live, { ownerReferences: solid })
    return
  }
  const dependents = ctx.graph.dependentsOf(node.uid)
  if (waiting.length > 0 && dependents.length > 0) {
    const circular = dependents.some((dependent) => dependent.waiting)
    return remove(ctx, node, circular ? await unblock(ctx, node, live) : live, 'Foreground')
  }
  const finalizers = live.metadata.finalizers ?? []
  const policy = finalizers.includes('orphan')
    ? 'Orphan'
    : finalizers.includes('foregroundDeletion')
      ? 'Foreground'
      : 'Background'
  await remove(ctx, node, live, policy)
}

/** Takes an owner's reference out of each dependent, then lets the owner go. */
export async function orphanDependents(ctx: ActionContext, node: GraphNode): Promise<void> {
  for (const dependent of ctx.graph.dependentsOf(node.uid)) {
    const live = await read(ctx, dependent)
    if (!live || live.metadata.uid !== dependent.uid) continue
    const others = (live.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== node.uid)
    await unlessGone(patch(ctx, dependent, live, { ownerReferences: others.length > 0 ? others : null }))
  }
  await removeFinalizer(ctx, node, 'orphan')
}

/** A dependent that waits itself may wait for this very object: its owners then wait for it no longer, so that circles end. */
async function unblock(ctx: ActionContext, node: GraphNode, live: KubeObject): Promise<KubeObject> {
  const given = live.metadata.ownerReferences ?? []
  if (!given.some((owner) => owner.blockOwnerDeletion)) return live
  const ownerReferences = given.map((owner) => ({ ...owner, blockOwnerDeletion: false }))
  return patch(ctx, node, live, { ownerReferences })
}

async function processWaiting(ctx: ActionContext, node: GraphNode, live: KubeObject): Promise<void> {
  const blocking = ctx.graph
    .dependentsOf(node.uid)
    .filter(({ owners }) => owners.some((owner) => owner.uid === node.uid && owner.blockOwnerDeletion))
  if (blocking.length === 0) return removeFinalizer(ctx, node, 'foregroundDeletion', live)
  for (const dependent of blocking) if (!dependent.waiting) ctx.enqueue(dependent.uid)
}

async function classify(ctx: ActionContext, node: GraphNode, owners: readonly OwnerReference[]) {
  const solid: OwnerReference[] = []
  const dangling: OwnerReference[] = []
  const waiting: OwnerReference[] = []
  for (const owner of owners) {
    const known = ctx.graph.get(owner.uid)
    const sameScope = !known?.namespace || known.namespace === node.namespace
    if (known && sameScope && known.name === owner.name) (known.waiting ? waiting : solid).push(owner)
    else if (await exists(ctx, node, owner)) solid.push(owner)
    else {
      if (!sameScope) tellOfNamespace(ctx, node, owner)
      dangling.push(owner)
    }
  }
  return { solid, dangling, waiting }
}

/** Nobody owns what is in another namespace (kubernetes.io, "Garbage Collection: Owner references and dependents"). */
function tellOfNamespace(
  { recorder }: ActionContext,
  node: GraphNode,
  { apiVersion, kind, name, uid }: OwnerReference,
): void {
  const { ref, namespace = '' } = node
  const about = {
    apiVersion: formatApiVersion(ref.group, ref.version),
    kind: ref.kind,
    name: node.name,
    uid: node.uid,
    ...(namespace ? { namespace } : {}),
  }
  const owner = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`
  recorder.event(
    about,
    'Warning',
    'OwnerRefInvalidNamespace',
    `ownerRef ${owner} does not exist in namespace ${JSON.stringify(namespace)}`,
  )
}

/** An owner of an unknown kind may exist: nothing is deleted for it. */
async function exists(ctx: ActionContext, node: GraphNode, owner: OwnerReference): Promise<boolean> {
  const ref = ctx.resources.find(owner.apiVersion, owner.kind)
  if (!ref) return true
  if (ref.namespaced && !node.namespace) return true
  const found = await unlessGone(ctx.client.resource(ref).get(owner.name, ref.namespaced ? node.namespace : undefined))
  return found?.metadata.uid === owner.uid
}

async function read(ctx: ActionContext, { ref, name, namespace }: GraphNode): Promise<KubeObject | undefined> {
  return unlessGone(ctx.client.resource(ref).get(name, namespace))
}

async function patch(
  ctx: ActionContext,
  { ref }: GraphNode,
  live: KubeObject,
  metadata: Record<string, unknown>,
): Promise<KubeObject> {
  const { name, namespace, uid, resourceVersion } = live.metadata
  const body = { metadata: { uid, resourceVersion, ...metadata } }
  return ctx.client.resource(ref).patch({ name, namespace, type: 'application/merge-patch+json', body })
}

async function removeFinalizer(
  ctx: ActionContext,
  node: GraphNode,
  finalizer: string,
  known?: KubeObject,
): Promise<void> {
  const live = known ?? (await read(ctx, node))
  if (!live?.metadata.finalizers?.includes(finalizer) || live.metadata.uid !== node.uid) return
  const finalizers = live.metadata.finalizers.filter((name) => name !== finalizer)
  await unlessGone(patch(ctx, node, live, { finalizers }))
}

async function remove(
  ctx: ActionContext,
  { ref }: GraphNode,
  live: KubeObject,
  propagationPolicy: string,
): Promise<void> {
  const { name, namespace, uid, resourceVersion } = live.metadata
  const body = { propagationPolicy, preconditions: { uid, resourceVersion } }
  await unlessGone(ctx.client.resource(ref).delete(name, namespace, body))
}
