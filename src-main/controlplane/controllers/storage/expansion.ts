import type { PersistentVolumeClaim } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { compareQuantities } from '../../../../src-kube/machinery/quantity.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
} from '../../../../src-kube/runtime/controller.ts'
import { classOf } from '../../../../src-kube/kinds/storage/matching.ts'

/** Annotation that names what makes the volume of a claim larger. */
const RESIZER = 'volume.kubernetes.io/storage-resizer'

/**
 * Says of bound claims that ask for more than they have whom they wait for ("Persistent Volumes: Expanding Persistent Volumes Claims"):
 * volumes are made larger by the programs that made them.
 */
export function volumeExpansion(): AnyController {
  return defineController<PersistentVolumeClaim>({
    name: 'persistentvolume-expander-controller',
    component: 'volume_expand',
    for: refs.persistentVolumeClaims,
    concerns: wantsMore,
    setup: (ctx) => void ctx.informer(refs.storageClasses),
    async reconcile(ctx, claim) {
      if (!wantsMore(claim) || claim.metadata.deletionTimestamp) return done
      const { name, namespace, uid, annotations } = claim.metadata
      const provisioner = provisionerOf(ctx, claim)
      if (provisioner && annotations?.[RESIZER] !== provisioner) {
        const body = { metadata: { uid, annotations: { [RESIZER]: provisioner } } }
        const type = 'application/merge-patch+json'
        await ctx.client.resource(refs.persistentVolumeClaims).patch({ name, namespace, type, body })
      }
      const words = 'waiting for an external controller to expand this PVC'
      ctx.events.event(claim, 'Normal', 'ExternalExpanding', words)
      return done
    },
  })
}

function wantsMore({ spec, status }: PersistentVolumeClaim): boolean {
  const wanted = (spec.resources?.requests as Record<string, string> | undefined)?.['storage']
  const had = (status?.capacity as Record<string, string> | undefined)?.['storage']
  return status?.phase === 'Bound' && wanted !== undefined && had !== undefined && compareQuantities(wanted, had) > 0
}

const provisionerOf = (ctx: ControllerContext, claim: PersistentVolumeClaim): string | undefined =>
  ctx.informer(refs.storageClasses).get(classOf(claim))?.provisioner
