import type { PersistentVolume, PersistentVolumeClaim, Pod } from '#types/core/v1'
import { byNamespace } from '../../../../src-kube/client/indexer.ts'
import { refs } from '../../../../src-kube/client/refs.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  watching,
} from '../../../../src-kube/runtime/controller.ts'
import { hasFinalizer } from '../../../../src-kube/runtime/finalizers.ts'
import { isPodTerminal } from '../pods.ts'
import { keepWhileUsed } from './keep-while-used.ts'
import { claimsOf } from './pod-claims.ts'

const CLAIM_FINALIZER = 'kubernetes.io/pvc-protection'
const VOLUME_FINALIZER = 'kubernetes.io/pv-protection'

/** A claim that is deleted stays while a pod on a node uses it ("Persistent Volumes: Storage Object in Use Protection"). */
export function claimProtection(): AnyController {
  return defineController<PersistentVolumeClaim>({
    name: 'pvc-protection-controller',
    for: refs.persistentVolumeClaims,
    concerns: (claim) => claim.metadata.deletionTimestamp !== undefined || !hasFinalizer(claim, CLAIM_FINALIZER),
    watches: [
      watching(refs.pods, (pod, ctx, old) => {
        const claims = [...claimsOf(pod), ...(old ? claimsOf(old) : [])]
        return claims.map((name) => `${pod.metadata.namespace}/${name}`).filter((key) => isLeaving(ctx, key))
      }),
    ],
    setup: (ctx) => ctx.informer(refs.pods).addIndex(byNamespace.name, byNamespace.of),
    async reconcile(ctx, claim) {
      await keepWhileUsed(ctx, refs.persistentVolumeClaims, claim, {
        finalizer: CLAIM_FINALIZER,
        isUsed: () => isMounted(ctx, claim),
      })
      return done
    },
  })
}

const isLeaving = (ctx: ControllerContext, key: string): boolean =>
  ctx.informer(refs.persistentVolumeClaims).get(key)?.metadata.deletionTimestamp !== undefined

/** Looks at the cache first and, when nobody is there, asks the server: a pod may just have been bound. */
async function isMounted(ctx: ControllerContext, { metadata: { name, namespace } }: PersistentVolumeClaim) {
  const uses = (pod: Pod) => Boolean(pod.spec.nodeName) && !isPodTerminal(pod) && claimsOf(pod).includes(name)
  if (ctx.informer(refs.pods).list(namespace).some(uses)) return true
  const { items } = await ctx.client.resource(refs.pods).list({ namespace })
  return items.some(uses)
}

/** A volume that is deleted stays while a claim is bound to it. */
export function volumeProtection(): AnyController {
  return defineController<PersistentVolume>({
    name: 'pv-protection-controller',
    for: refs.persistentVolumes,
    async reconcile(ctx, volume) {
      await keepWhileUsed(ctx, refs.persistentVolumes, volume, {
        finalizer: VOLUME_FINALIZER,
        isUsed: () => volume.status?.phase === 'Bound',
      })
      return done
    },
  })
}
