import type { PersistentVolume, PersistentVolumeClaim } from '#types/core/v1'
import type { StorageClass } from '#types/storage.k8s.io/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { isAlreadyExists } from '../../../src-kube/machinery/errors.ts'
import { type Draft, objectKey } from '../../../src-kube/machinery/meta.ts'
import { compareQuantities } from '../../../src-kube/machinery/quantity.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  watching,
} from '../../../src-kube/runtime/controller.ts'
import { deleteSeen } from '../../../src-kube/runtime/delete-seen.ts'
import { addFinalizer, hasFinalizer, removeFinalizer } from '../../../src-kube/runtime/finalizers.ts'
import type { NodeTunnels } from '../../../src-wire/node/node-connection.ts'
import { SHARED_PROVISIONER, SHARED_VOLUMES } from '../../../src-wire/node/shared-volumes.ts'

const ASKED_OF = 'volume.kubernetes.io/storage-provisioner'
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by'
/** Milliseconds until a directory that could not be removed, or for want of a node, is tried again. */
const RETRY = 5000
/** Keeps a volume until what it holds is removed (kubernetes.io, "Persistent Volumes: PersistentVolume deletion protection finalizer"). */
const FINALIZER = 'external-provisioner.volume.kubernetes.io/finalizer'

/**
 * Whose classes are served: our own, and those of other clusters on desktops, under which tutorials ask for volumes (kubernetes.io, "Example: Deploying
 * Cassandra with a StatefulSet"). Nobody can install those, so that each claim has one provisioner.
 */
const served: readonly (string | undefined)[] = [SHARED_PROVISIONER, 'k8s.io/minikube-hostpath', 'docker.io/hostpath']

const isServed = ({ metadata }: PersistentVolumeClaim): boolean => served.includes(metadata.annotations?.[ASKED_OF])

/**
 * Makes volumes for the classes of `drydock.dev/shared` ("Dynamic Volume Provisioning"): directories of one volume that every node
 * mounts, so that a pod finds its data wherever it runs, in every access mode. A node makes a directory when it mounts it first;
 * sizes are noted and not enforced, so that a claim grows by asking.
 */
export function sharedVolumeProvisioner(): AnyController {
  return defineController<PersistentVolumeClaim>({
    name: 'shared-volume-provisioner',
    component: SHARED_PROVISIONER,
    for: refs.persistentVolumeClaims,
    concerns: isServed,
    watches: [
      watching(refs.storageClasses, ({ metadata }, ctx) =>
        ctx
          .informer(refs.persistentVolumeClaims)
          .list()
          .filter(({ spec }) => spec.storageClassName === metadata.name)
          .map(objectKey),
      ),
    ],
    setup: (ctx) => void ctx.informer(refs.persistentVolumes),
    async reconcile(ctx, claim) {
      const { metadata, spec } = claim
      if (!isServed(claim) || metadata.deletionTimestamp) return done
      const storage = ctx.informer(refs.storageClasses).get(spec.storageClassName ?? '')
      if (spec.volumeName) await grow(ctx, claim, storage)
      else if (storage) await provision(ctx, claim, storage)
      return done
    },
  })
}

async function provision(ctx: ControllerContext, claim: PersistentVolumeClaim, storage: StorageClass): Promise<void> {
  const name = `pvc-${claim.metadata.uid}`
  if (ctx.informer(refs.persistentVolumes).get(name)) return
  const problem = unsupported(claim)
  if (problem) {
    const words = `failed to provision volume with StorageClass ${JSON.stringify(storage.metadata.name)}: ${problem}`
    return ctx.events.event(claim, 'Warning', 'ProvisioningFailed', words)
  }
  const words = `External provisioner is provisioning volume for claim "${objectKey(claim)}"`
  ctx.events.event(claim, 'Normal', 'Provisioning', words)
  try {
    await ctx.client.resource(refs.persistentVolumes).create(volumeFor(claim, storage, name))
  } catch (error) {
    if (isAlreadyExists(error)) return
    throw error
  }
  ctx.events.event(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`)
}

function unsupported({ spec }: PersistentVolumeClaim): string | undefined {
  if (spec.volumeMode === 'Block') return 'block volume provisioning is not supported'
  if (spec.selector) return 'claim Selector is not supported'
  return spec.dataSource || spec.dataSourceRef ? 'a volume cannot be made from another source' : undefined
}

function volumeFor(claim: PersistentVolumeClaim, storage: StorageClass, name: string): Draft<PersistentVolume> {
  const { metadata, spec } = claim
  const { accessModes, volumeMode } = spec
  const policy = storage.reclaimPolicy ?? 'Delete'
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name,
      annotations: { [PROVISIONED_BY]: SHARED_PROVISIONER },
      ...(policy === 'Delete' ? { finalizers: [FINALIZER] } : {}),
    },
    spec: {
      capacity: { storage: requestOf(claim) },
      ...(accessModes ? { accessModes } : {}),
      ...(volumeMode ? { volumeMode } : {}),
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        name: metadata.name,
        namespace: metadata.namespace,
        uid: metadata.uid,
        resourceVersion: metadata.resourceVersion,
      },
      persistentVolumeReclaimPolicy: policy,
      storageClassName: storage.metadata.name,
      ...(storage.mountOptions ? { mountOptions: storage.mountOptions } : {}),
      hostPath: { path: `${SHARED_VOLUMES}/${name}`, type: 'DirectoryOrCreate' },
    },
  }
}

const requestOf = ({ spec }: PersistentVolumeClaim): string => spec.resources?.requests?.['storage'] ?? '0'

/** A bound claim that asks for more gets it: first its volume says so, then the claim. */
async function grow(
  ctx: ControllerContext,
  claim: PersistentVolumeClaim,
  storage: StorageClass | undefined,
): Promise<void> {
  const { status } = claim
  const wanted = requestOf(claim)
  const has = status?.capacity?.['storage'] ?? '0'
  if (status?.phase !== 'Bound' || !storage?.allowVolumeExpansion || compareQuantities(wanted, has) <= 0) return
  const volume = ctx.informer(refs.persistentVolumes).get(claim.spec.volumeName ?? '')
  if (!volume || volume.spec.claimRef?.uid !== claim.metadata.uid) return
  if (compareQuantities(wanted, volume.spec.capacity?.['storage'] ?? '0') > 0) {
    const spec = { ...volume.spec, capacity: { ...volume.spec.capacity, storage: wanted } }
    await ctx.client.resource(refs.persistentVolumes).update({ ...volume, spec })
  }
  const capacity = { ...status.capacity, storage: wanted }
  await ctx.client.resource(refs.persistentVolumeClaims).updateStatus({ ...claim, status: { ...status, capacity } })
  ctx.events.event(claim, 'Normal', 'VolumeResizeSuccessful', 'Resize volume succeeded')
}

/**
 * Removes released volumes of the reclaim policy `Delete`, by way of any node that is connected: all see the same directory. One that was deleted
 * before its claim waits for this by a finalizer, which a volume that is to be retained does not have.
 */
export function sharedVolumeReclaimer(tunnels: Pick<NodeTunnels, 'get' | 'list'>): AnyController {
  return defineController<PersistentVolume>({
    name: 'shared-volume-reclaimer',
    component: SHARED_PROVISIONER,
    for: refs.persistentVolumes,
    concerns: isProvisioned,
    async reconcile(ctx, seen) {
      if (!isProvisioned(seen)) return done
      const volume = await protect(ctx, seen)
      if (!isToReclaim(volume)) return done
      const { name } = volume.metadata
      const [node] = tunnels.list()
      if (!node) return requeueAfter(RETRY)
      try {
        await tunnels.get(node).removeVolume?.(name)
      } catch (error) {
        const words = error instanceof Error ? error.message : String(error)
        ctx.events.event(volume, 'Warning', 'VolumeFailedDelete', words)
        return requeueAfter(RETRY)
      }
      const freed = await removeFinalizer(ctx.client, refs.persistentVolumes, volume, FINALIZER)
      if (!freed.metadata.deletionTimestamp) await deleteSeen(ctx.client, refs.persistentVolumes, freed)
      return done
    },
  })
}

const isProvisioned = ({ metadata }: PersistentVolume): boolean =>
  metadata.annotations?.[PROVISIONED_BY] === SHARED_PROVISIONER

const isDeletedAfterUse = ({ spec }: PersistentVolume): boolean => spec.persistentVolumeReclaimPolicy === 'Delete'

/** The finalizer follows the policy, which may be changed at any time; nothing is added to what is being deleted. */
function protect(ctx: ControllerContext, volume: PersistentVolume): Promise<PersistentVolume> {
  const { persistentVolumes } = refs
  if (!isDeletedAfterUse(volume)) return removeFinalizer(ctx.client, persistentVolumes, volume, FINALIZER)
  if (volume.metadata.deletionTimestamp) return Promise.resolve(volume)
  return addFinalizer(ctx.client, persistentVolumes, volume, FINALIZER)
}

function isToReclaim(volume: PersistentVolume): boolean {
  if (!isDeletedAfterUse(volume)) return false
  const phase = volume.status?.phase
  return volume.metadata.deletionTimestamp ? hasFinalizer(volume, FINALIZER) && phase !== 'Bound' : phase === 'Released'
}
