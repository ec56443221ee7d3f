import type { PersistentVolume, Pod } from '#types/core/v1'
import { refs } from '../../../../../src-kube/client/refs.ts'
import { byNode } from '../../../../../src-kube/client/indexer.ts'
import type { ControllerContext } from '../../../../../src-kube/runtime/controller.ts'
import { isPodTerminal } from '../../pods.ts'
import { claimsOf } from '../pod-claims.ts'

/** A volume that pods of a node want attached there. */
export interface WantedVolume {
  /** The persistent volume's name. */
  volume: string
  driver: string
  handle: string
  /** Whether it may be attached to one node alone. */
  isExclusive: boolean
  pods: Pod[]
}

/** Nodes to which a volume may be attached at once say so by its access modes; one without any says nothing against it. */
const isExclusive = ({ spec: { accessModes = [] } }: PersistentVolume): boolean =>
  accessModes.length > 0 && !accessModes.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany')

/** The volumes of CSI drivers, of those that attach, that pods which have not ended want on a node, by the volume's name. */
export function wantedOn(ctx: ControllerContext, node: string): WantedVolume[] {
  const wanted = new Map<string, WantedVolume>()
  for (const pod of ctx.informer(refs.pods).byIndex(byNode.name, node)) {
    if (isPodTerminal(pod)) continue
    for (const volume of volumesOf(ctx, pod)) {
      const { driver, volumeHandle: handle } = volume.spec.csi!
      const known = wanted.get(volume.metadata.name)
      if (known) known.pods.push(pod)
      else if (ctx.informer(refs.csiDrivers).get(driver)?.spec.attachRequired !== false)
        wanted.set(volume.metadata.name, {
          volume: volume.metadata.name,
          driver,
          handle,
          isExclusive: isExclusive(volume),
          pods: [pod],
        })
    }
  }
  return [...wanted.values()]
}

/** What the claims of a pod are bound to, where that is a CSI driver's. */
export function volumesOf(ctx: ControllerContext, pod: Pod): PersistentVolume[] {
  return claimsOf(pod).flatMap((name) => {
    const claim = ctx.informer(refs.persistentVolumeClaims).get(`${pod.metadata.namespace}/${name}`)
    const bound = claim?.status?.phase === 'Bound' ? claim.spec.volumeName : undefined
    const volume = bound ? ctx.informer(refs.persistentVolumes).get(bound) : undefined
    if (!volume?.spec.csi) return []
    const { claimRef } = volume.spec
    return claimRef?.uid === claim?.metadata.uid ? [volume] : []
  })
}

/** Nodes on which pods use what a claim is bound to. */
export function nodesOfClaim(ctx: ControllerContext, namespace: string, name: string): string[] {
  const pods = ctx.informer(refs.pods).list(namespace)
  return pods.flatMap((pod) => (pod.spec.nodeName && claimsOf(pod).includes(name) ? pod.spec.nodeName : []))
}
