import type { PersistentVolume, PersistentVolumeClaim, Pod } from '#types/core/v1'
import type { StorageClass } from '#types/storage.k8s.io/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { classOf, NO_PROVISIONER } from '../../../../src-kube/kinds/storage/matching.ts'
import { sleep } from '../../../../src-kube/client/sleep.ts'
import type { Client } from '../../../../src-kube/client/typed-client.ts'
import { AssumedVolumes } from '../framework/assumed-volumes.ts'
import type { NodeInfo } from '../framework/node-info.ts'
import { controllerOf } from '../../../../src-kube/machinery/meta.ts'
import { claimsOf, type Mount } from '../framework/mounts.ts'
import { matchesNodeSelector } from '../framework/node-selector.ts'
import type { BindingContext, Failure, Plugin } from '../framework/plugin.ts'
import { hasRoom, isAllowed } from '../framework/provisioning.ts'
import type { PodInfo } from '../framework/pod-info.ts'
import type { Lookups, Snapshot } from '../framework/snapshot.ts'

const conflict: Failure = { reasons: ["node(s) didn't match PersistentVolume's node affinity"], unresolvable: true }
const noneFree: Failure = { reasons: ["node(s) didn't find available persistent volumes to bind"], unresolvable: true }
const noRoom: Failure = { reasons: ['node(s) did not have enough free storage'], unresolvable: true }
const lost: Failure = {
  reasons: ['node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'],
  unresolvable: true,
}
const UNBOUND = 'pod has unbound immediate PersistentVolumeClaims'
const SELECTED_NODE = 'volume.kubernetes.io/selected-node'

function absent({ claim, ephemeral }: Mount): { rejected: string } {
  if (!ephemeral) return { rejected: `persistentvolumeclaim "${claim}" not found` }
  return { rejected: `waiting for ephemeral volume controller to create the persistentvolumeclaim "${claim}"` }
}

const notOwner = ({ metadata }: PersistentVolumeClaim, { key }: PodInfo) =>
  `PVC ${metadata.namespace}/${metadata.name} was not created for pod ${key} (pod is not owner)`

const isBound = (claim: PersistentVolumeClaim) => !!claim.spec.volumeName && claim.status?.phase === 'Bound'

const waitsForPod = (claim: PersistentVolumeClaim, lookups: Lookups) =>
  lookups.storageClass(classOf(claim))?.volumeBindingMode === 'WaitForFirstConsumer'

/** What a pod needs of its node. */
interface Needs {
  /** Volumes that are had on some nodes only. */
  volumes: PersistentVolume[]
  /** Claims for a volume that was made by hand. */
  claims: PersistentVolumeClaim[]
  /** Claims for which a volume will be made. */
  provisioned: Array<{ claim: PersistentVolumeClaim; of: StorageClass }>
  /** A claim is bound to a volume that is gone. */
  lost: boolean
}

/** What stands in the way for the pod as a whole, or what it needs of a node. */
function needsOf(pod: PodInfo, { lookups }: Snapshot): Needs | { rejected: string } {
  const needs: Needs = { volumes: [], claims: [], provisioned: [], lost: false }
  for (const mount of claimsOf(pod)) {
    const name = mount.claim
    const claim = lookups.claim(`${pod.namespace}/${name}`)
    if (!claim) return absent(mount)
    if (mount.ephemeral && controllerOf(claim)?.uid !== pod.uid) return { rejected: notOwner(claim, pod) }
    const { volumeName } = claim.spec
    if (claim.status?.phase === 'Lost')
      return {
        rejected: `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${volumeName ?? ''}"`,
      }
    if (claim.metadata.deletionTimestamp) return { rejected: `persistentvolumeclaim "${name}" is being deleted` }
    if (!isBound(claim)) {
      if (!waitsForPod(claim, lookups)) return { rejected: UNBOUND }
      const of = lookups.storageClass(classOf(claim))!
      if (of.provisioner === NO_PROVISIONER) needs.claims.push(claim)
      else needs.provisioned.push({ claim, of })
    }
    const volume = volumeName ? lookups.volume(volumeName) : undefined
    if (isBound(claim) && !volume) needs.lost = true
    if (volume?.spec?.nodeAffinity?.required) needs.volumes.push(volume)
  }
  return needs
}

function refusal(
  { volumes, claims, provisioned }: Needs,
  node: NodeInfo,
  snapshot: Snapshot,
  choose: () => boolean,
): Failure | undefined {
  for (const { spec } of volumes) if (!matchesNodeSelector(spec.nodeAffinity!.required!, node)) return conflict
  if (claims.length > 0 && !choose()) return noneFree
  for (const { claim, of } of provisioned) {
    // A claim that was told a node gets its volume there.
    const told = claim.metadata.annotations?.[SELECTED_NODE]
    if ((told && told !== node.name) || !isAllowed(of, node)) return noneFree
    if (!hasRoom(claim, of, node, snapshot.lookups)) return noRoom
  }
  return undefined
}

/** Claims must be bound, or be of a class that waits for the pod: those are told the node before the pod is bound. */
export function volumeBinding(client: Client): Plugin {
  const assumed = new AssumedVolumes()
  const held = new WeakMap<PodInfo, () => void>()
  const letGo = (pod: PodInfo) => {
    held.get(pod)?.()
    held.delete(pod)
  }
  return {
    name: 'VolumeBinding',
    preFilter(pod, snapshot) {
      if (!pod.pod.spec.volumes) return undefined
      assumed.forget(pod)
      const needs = needsOf(pod, snapshot)
      if ('rejected' in needs) return needs
      const { volumes, claims, provisioned } = needs
      if (!needs.lost && volumes.length + claims.length + provisioned.length === 0) return undefined
      const choose = (node: NodeInfo) => assumed.choose(pod, claims, node, snapshot.lookups)
      return { check: (node) => (needs.lost ? lost : refusal(needs, node, snapshot, () => choose(node))) }
    },
    reserve({ pod, nodeName }) {
      const release = assumed.hold(pod, nodeName)
      if (!release) return undefined
      held.set(pod, release)
      return () => letGo(pod)
    },
    preBindPreFlight: (context) => waitingClaims(context).length > 0,
    preBind: (context) => selectNode(client, context),
    postBind: ({ pod }) => letGo(pod),
    mayHelp: (event, pod) =>
      (event.resource === 'volume' && (!event.claim || mounts(pod, event.claim))) ||
      event.resource === 'node' ||
      // One that could not be bound may have held a volume.
      (event.resource === 'pod' && event.action === 'delete' && mountsClaims(event.pod)),
  }
}

/** Claims of others bind or let go of volumes, which is told of the volumes. */
const mounts = (pod: PodInfo, { metadata }: PersistentVolumeClaim): boolean =>
  metadata.namespace === pod.namespace && claimsOf(pod).some(({ claim }) => claim === metadata.name)

const mountsClaims = ({ spec }: Pod): boolean =>
  spec.volumes?.some(({ persistentVolumeClaim, ephemeral }) => persistentVolumeClaim ?? ephemeral) ?? false

/** Milliseconds between two looks at claims, and until nobody waits for them any more. */
const POLL_EVERY = 100
const PATIENCE = 600_000

/** Claims of a pod that have no volume yet. */
const waitingClaims = ({ pod, lookups }: BindingContext) =>
  claimsOf(pod).flatMap(({ claim: name }) => {
    const key = `${pod.namespace}/${name}`
    const claim = lookups.claim(key)
    return claim && isBound(claim) ? [] : [{ key, claim }]
  })

/** Tells claims that wait for their first consumer which node it will be on, and waits until they are bound; ten minutes at most. */
function selectNode(client: Client, context: BindingContext): Promise<void> | undefined {
  const { pod, nodeName, clock, signal } = context
  const waiting = () => waitingClaims(context)
  if (waiting().length === 0) return undefined
  const type = 'application/merge-patch+json' as const
  const body = { metadata: { annotations: { [SELECTED_NODE]: nodeName } } }
  const claims = client.resource(refs.persistentVolumeClaims)
  const bind = async () => {
    /** Revisions in which claims were told the node. */
    const told = new Map<string, number>()
    for (const { key, claim } of waiting()) {
      if (!claim) continue
      const known = claim.metadata.annotations?.[SELECTED_NODE] === nodeName
      const { name } = claim.metadata
      const now = known ? claim : await claims.patch({ name, namespace: pod.namespace, type, body, signal })
      told.set(key, Number(now.metadata.resourceVersion))
    }
    context.waits?.()
    const end = clock.monotonic() + PATIENCE
    while (waiting().length && clock.monotonic() < end && !signal.aborted) {
      if (context.gone?.())
        throw new Error(`pod does not exist any more: pod ${JSON.stringify(pod.pod.metadata.name)} not found`)
      for (const { key, claim } of waiting()) refuseWithdrawn(claim, nodeName, told.get(key))
      await sleep(clock, POLL_EVERY, signal)
    }
    const missing = waiting().map(({ key }) => key)
    if (missing.length)
      throw new Error(`timed out waiting for PersistentVolumeClaims ${missing.join(', ')} to be bound`)
  }
  return bind()
}

/** Throws when a claim that was told the node, in revision `told`, is told no more: no volume can be had there. */
function refuseWithdrawn(claim: PersistentVolumeClaim | undefined, nodeName: string, told = Infinity): void {
  if (!claim || Number(claim.metadata.resourceVersion) < told) return
  if (claim.metadata.annotations?.[SELECTED_NODE] === nodeName) return
  throw new Error(`provisioning failed for PVC "${claim.metadata.name}"`)
}
