import type { PersistentVolumeClaim, Pod, Volume } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { isAlreadyExists } from '../../../src-kube/machinery/errors.ts'
import { controllerOf, objectKey, type Draft } from '../../../src-kube/machinery/meta.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
} from '../../../src-kube/runtime/controller.ts'
import { controllerReference } from '../../../src-kube/runtime/owners.ts'
import { messageOf, namespaceEnds } from './refusal.ts'

/** Makes the claims of pods' own volumes ("Ephemeral Volumes: Generic ephemeral volumes"); they go with their pod. */
export function ephemeralVolumeController(): AnyController {
  return defineController<Pod>({
    name: 'ephemeral-volume-controller',
    component: 'ephemeral_volume',
    for: refs.pods,
    concerns: ({ spec, metadata }) => !metadata.deletionTimestamp && (spec.volumes?.some(isEphemeral) ?? false),
    owns: [refs.persistentVolumeClaims],
    async reconcile(ctx, pod) {
      if (pod.metadata.deletionTimestamp) return done
      for (const volume of pod.spec.volumes ?? []) if (isEphemeral(volume)) await provide(ctx, pod, volume)
      return done
    },
  })
}

const isEphemeral = ({ ephemeral }: Volume): boolean => ephemeral?.volumeClaimTemplate !== undefined

async function provide(ctx: ControllerContext, pod: Pod, volume: Volume): Promise<void> {
  const claim = claimFor(pod, volume)
  const known = ctx.informer(refs.persistentVolumeClaims).get(`${claim.metadata.namespace}/${claim.metadata.name}`)
  if (known) {
    if (controllerOf(known)?.uid === pod.metadata.uid) return
    const words = `PVC ${objectKey(known)} was not created for pod ${objectKey(pod)} (pod is not owner)`
    ctx.events.event(pod, 'Warning', 'EphemeralVolumeConflict', words)
    throw new Error(words)
  }
  try {
    await ctx.client.resource(refs.persistentVolumeClaims).create(claim)
  } catch (error) {
    if (namespaceEnds(error) || isAlreadyExists(error)) return
    ctx.events.event(pod, 'Warning', 'FailedCreate', `ephemeral volume controller: ${messageOf(error)}`)
    throw error
  }
}

function claimFor(pod: Pod, { name, ephemeral }: Volume): Draft<PersistentVolumeClaim> {
  const { metadata, spec } = ephemeral!.volumeClaimTemplate!
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: `${pod.metadata.name}-${name}`,
      namespace: pod.metadata.namespace,
      ...(metadata?.labels ? { labels: metadata.labels } : {}),
      ...(metadata?.annotations ? { annotations: metadata.annotations } : {}),
      ownerReferences: [controllerReference(pod, refs.pods)],
    },
    spec,
  }
}
