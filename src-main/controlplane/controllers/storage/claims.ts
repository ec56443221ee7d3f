import type { PersistentVolume, PersistentVolumeClaim, Pod } from '#types/core/v1'
import type { StorageClass } from '#types/storage.k8s.io/v1'
import { byNamespace } from '../../../../src-kube/client/indexer.ts'
import { classOf, findVolume, isFor, mismatch, NO_PROVISIONER } from '../../../../src-kube/kinds/storage/matching.ts'
import { refs } from '../../../../src-kube/client/refs.ts'
import { objectKey } from '../../../../src-kube/machinery/meta.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  watching,
} from '../../../../src-kube/runtime/controller.ts'
import { equal } from '../equal.ts'
import { matchesNode } from '../node/fit.ts'
import { isPodTerminal } from '../pods.ts'
import { bind } from './bind.ts'
import {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  defaultClass,
  provisionerAnnotations,
  SELECTED_NODE,
  waitsForConsumer,
} from './names.ts'

const BY_BINDING = 'binding'
const UNBOUND = ''

/**
 * Binds claims to volumes ("Persistent Volumes: Lifecycle of a volume and claim"): the one that the claim names, one that fits, or one
 * that the provisioner of its class is asked for. Tells when a bound claim has lost its volume.
 */
export function claimBinder(): AnyController {
  return defineController<PersistentVolumeClaim>({
    name: 'persistentvolume-binder',
    component: 'persistentvolume-controller',
    for: refs.persistentVolumeClaims,
    workers: 1,
    watches: [
      watching(refs.persistentVolumes, (volume, ctx, old) => concernedBy(ctx, volume, old)),
      watching(refs.storageClasses, (storage, ctx) =>
        waiting(ctx)
          .filter((claim) => classOf(claim) === storage.metadata.name || claim.spec.storageClassName === undefined)
          .map(objectKey),
      ),
    ],
    setup(ctx) {
      ctx.informer(refs.persistentVolumeClaims).addIndex(BY_BINDING, ({ spec, metadata }) => {
        const complete = metadata.annotations?.[BIND_COMPLETED] !== undefined
        return complete ? [spec.volumeName ?? 'lost'] : [UNBOUND]
      })
      ctx.informer(refs.nodes)
      ctx.informer(refs.pods).addIndex(byNamespace.name, byNamespace.of)
    },
    async reconcile(ctx, claim) {
      if (claim.metadata.annotations?.[BIND_COMPLETED] !== undefined) await syncBound(ctx, claim)
      else if (claim.metadata.deletionTimestamp) return done
      else if (claim.spec.volumeName) await syncNamed(ctx, claim, claim.spec.volumeName)
      else await syncUnbound(ctx, claim)
      return done
    },
  })
}

const waiting = (ctx: ControllerContext) => ctx.informer(refs.persistentVolumeClaims).byIndex(BY_BINDING, UNBOUND)

/** Claims that a volume is bound to or meant for, and all that wait, when it has become free. */
function concernedBy(ctx: ControllerContext, volume: PersistentVolume, old?: PersistentVolume): string[] {
  const { claimRef } = volume.spec
  const { name } = volume.metadata
  const own = claimRef?.name ? [`${claimRef.namespace}/${claimRef.name}`] : []
  const bound = ctx.informer(refs.persistentVolumeClaims).byIndex(BY_BINDING, name).map(objectKey)
  const same = old && equal(old.spec, volume.spec) && equal(old.status?.phase, volume.status?.phase)
  if (claimRef || same) return [...own, ...bound, ...named(ctx, name)]
  return [...bound, ...waiting(ctx).map(objectKey)]
}

const named = (ctx: ControllerContext, volume: string): string[] =>
  waiting(ctx)
    .filter(({ spec }) => spec.volumeName === volume)
    .map(objectKey)

async function syncBound(ctx: ControllerContext, claim: PersistentVolumeClaim): Promise<void> {
  const { volumeName } = claim.spec
  if (!volumeName)
    return lose(
      ctx,
      claim,
      'ClaimLost',
      'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!',
    )
  const volume = ctx.informer(refs.persistentVolumes).get(volumeName)
  if (!volume)
    return lose(ctx, claim, 'ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!')
  if (!volume.spec.claimRef || isFor(volume, claim)) return bind(ctx, claim, volume)
  const words = 'Two claims are bound to the same volume, this one is bound incorrectly'
  return lose(ctx, claim, 'ClaimMisbound', words)
}

async function lose(
  ctx: ControllerContext,
  claim: PersistentVolumeClaim,
  reason: string,
  words: string,
): Promise<void> {
  if (claim.status?.phase === 'Lost') return
  const { accessModes: _, capacity: __, ...rest } = claim.status ?? {}
  const status = { ...rest, phase: 'Lost' as const }
  await ctx.client.resource(refs.persistentVolumeClaims).updateStatus({ ...claim, status })
  ctx.events.event(claim, 'Warning', reason, words)
}

/** The claim's author asks for one volume. */
async function syncNamed(ctx: ControllerContext, claim: PersistentVolumeClaim, name: string): Promise<void> {
  const volume = ctx.informer(refs.persistentVolumes).get(name)
  if (!volume) return stayPending(ctx, claim)
  const { claimRef } = volume.spec
  if (claimRef && !isFor(volume, claim)) {
    // A volume that was tied by the binder may still come free; one that its author tied to another claim will not.
    if (volume.metadata.annotations?.[BOUND_BY_CONTROLLER] === undefined) {
      const words = `volume ${JSON.stringify(name)} already bound to a different claim.`
      ctx.events.event(claim, 'Warning', 'FailedBinding', words)
    }
    return stayPending(ctx, claim)
  }
  const problem = claimRef ? undefined : mismatch(volume, claim)
  if (!problem) return bind(ctx, claim, volume)
  const words = `Cannot bind to requested volume ${JSON.stringify(name)}: ${problem}`
  ctx.events.event(claim, 'Warning', 'VolumeMismatch', words)
  return stayPending(ctx, claim)
}

async function syncUnbound(ctx: ControllerContext, given: PersistentVolumeClaim): Promise<void> {
  const claim = await withDefaultClass(ctx, given)
  const name = classOf(claim)
  const storage = name ? ctx.informer(refs.storageClasses).get(name) : undefined
  const chosen = claim.metadata.annotations?.[SELECTED_NODE]
  const delayed = waitsForConsumer(storage) && !chosen
  const node = chosen ? ctx.informer(refs.nodes).get(chosen) : undefined
  const reaches = ({ spec }: PersistentVolume) => {
    const required = spec.nodeAffinity?.required
    return !node || !required || matchesNode(required, node)
  }
  const volume = findVolume(claim, ctx.informer(refs.persistentVolumes).list(), { delayed, reaches })
  if (volume) return bind(ctx, claim, volume)
  if (delayed) tellWaiting(ctx, claim)
  else if (name) await provision(ctx, claim, name, storage)
  else {
    const words = 'no persistent volumes available for this claim and no storage class is set'
    ctx.events.event(claim, 'Normal', 'FailedBinding', words)
  }
  return stayPending(ctx, claim)
}

/** A claim from before there was a default class gets it now (KEP-3333); an empty class is one on purpose. */
async function withDefaultClass(ctx: ControllerContext, claim: PersistentVolumeClaim): Promise<PersistentVolumeClaim> {
  if (claim.spec.storageClassName !== undefined || classOf(claim)) return claim
  const storage = defaultClass(ctx.informer(refs.storageClasses).list())
  if (!storage) return claim
  const spec = { ...claim.spec, storageClassName: storage.metadata.name }
  return ctx.client.resource(refs.persistentVolumeClaims).update({ ...claim, spec })
}

function tellWaiting(ctx: ControllerContext, claim: PersistentVolumeClaim): void {
  const { name, namespace } = claim.metadata
  const mounts = ({ spec }: Pod) => spec.volumes?.some((volume) => volume.persistentVolumeClaim?.claimName === name)
  const pods = ctx.informer(refs.pods).list(namespace)
  const pod = pods.find((one) => !one.spec.nodeName && !isPodTerminal(one) && mounts(one))
  if (pod)
    return ctx.events.event(
      claim,
      'Normal',
      'WaitForPodScheduled',
      `waiting for pod ${pod.metadata.name} to be scheduled`,
    )
  const words = 'waiting for first consumer to be created before binding'
  ctx.events.event(claim, 'Normal', 'WaitForFirstConsumer', words)
}

/** Nothing can be had on the node that was chosen: the scheduler hears of it, and chooses another. */
async function chooseAgain(ctx: ControllerContext, claim: PersistentVolumeClaim): Promise<void> {
  const { [SELECTED_NODE]: _, ...annotations } = claim.metadata.annotations ?? {}
  const metadata = { ...claim.metadata, annotations }
  await ctx.client.resource(refs.persistentVolumeClaims).update({ ...claim, metadata })
}

/** Asks the class' provisioner, which watches for its name on claims. */
async function provision(
  ctx: ControllerContext,
  claim: PersistentVolumeClaim,
  name: string,
  storage: StorageClass | undefined,
): Promise<void> {
  if (!storage) {
    const words = `storageclass.storage.k8s.io ${JSON.stringify(name)} not found`
    return ctx.events.event(claim, 'Warning', 'ProvisioningFailed', words)
  }
  const { provisioner } = storage
  if (provisioner === NO_PROVISIONER) {
    if (claim.metadata.annotations?.[SELECTED_NODE]) return chooseAgain(ctx, claim)
    const words = `no volume plugin matched name: ${provisioner}`
    return ctx.events.event(claim, 'Warning', 'ProvisioningFailed', words)
  }
  const { metadata } = claim
  if (metadata.annotations?.[provisionerAnnotations[0]] !== provisioner) {
    const asked = Object.fromEntries(provisionerAnnotations.map((key) => [key, provisioner]))
    const annotations = { ...metadata.annotations, ...asked }
    await ctx.client.resource(refs.persistentVolumeClaims).update({ ...claim, metadata: { ...metadata, annotations } })
  }
  const words = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`
  ctx.events.event(claim, 'Normal', 'ExternalProvisioning', words)
}

async function stayPending(ctx: ControllerContext, claim: PersistentVolumeClaim): Promise<void> {
  if (claim.status?.phase === 'Pending') return
  const status = { ...claim.status, phase: 'Pending' as const }
  await ctx.client.resource(refs.persistentVolumeClaims).updateStatus({ ...claim, status })
}
