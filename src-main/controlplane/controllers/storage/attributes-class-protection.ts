import type { PersistentVolume, PersistentVolumeClaim } from '#types/core/v1'
import type { VolumeAttributesClass } from '#types/storage.k8s.io/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  watching,
} from '../../../../src-kube/runtime/controller.ts'
import { keepWhileUsed } from './keep-while-used.ts'

const FINALIZER = 'kubernetes.io/vac-protection'
const BY_ATTRIBUTES_CLASS = 'attributes class'

/** Classes that a claim asks for, has, or is about to get. */
function ofClaim({ spec, status }: PersistentVolumeClaim): string[] {
  const names = [
    spec.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ]
  return [...new Set(names.flatMap((name) => name || []))]
}

const ofVolume = ({ spec }: PersistentVolume): string[] =>
  spec.volumeAttributesClassName ? [spec.volumeAttributesClassName] : []

/** A class that is deleted stays while a claim or a volume names it (KEP-3751, "VolumeAttributesClass Deletion Protection"). */
export function attributesClassProtection(): AnyController {
  return defineController<VolumeAttributesClass>({
    name: 'volumeattributesclass-protection-controller',
    for: refs.volumeAttributesClasses,
    watches: [
      watching(refs.persistentVolumeClaims, (claim, _ctx, old) => (old ? ofClaim(old) : ofClaim(claim))),
      watching(refs.persistentVolumes, (volume, _ctx, old) => ofVolume(old ?? volume)),
    ],
    setup(ctx) {
      ctx.informer(refs.persistentVolumeClaims).addIndex(BY_ATTRIBUTES_CLASS, ofClaim)
      ctx.informer(refs.persistentVolumes).addIndex(BY_ATTRIBUTES_CLASS, ofVolume)
    },
    async reconcile(ctx, given) {
      await keepWhileUsed(ctx, refs.volumeAttributesClasses, given, {
        finalizer: FINALIZER,
        isUsed: () => isUsed(ctx, given.metadata.name),
      })
      return done
    },
  })
}

const isUsed = (ctx: ControllerContext, name: string): boolean =>
  ctx.informer(refs.persistentVolumeClaims).byIndex(BY_ATTRIBUTES_CLASS, name).length > 0 ||
  ctx.informer(refs.persistentVolumes).byIndex(BY_ATTRIBUTES_CLASS, name).length > 0
