import type { Pod } from '#types/core/v1'
import type { Refusal } from './failure.ts'
import { allContainers } from './pod-containers.ts'
import { refusal } from './refusal.ts'

/** What a node can enforce. */
export interface NodeSupport {
  /** Whether its engine puts containers under AppArmor profiles. */
  appArmor: boolean
}

/** Whether a pod asks to be confined by AppArmor. */
export function asksForAppArmor(pod: Pod): boolean {
  const profiles = [pod.spec, ...allContainers(pod)].map(({ securityContext }) => securityContext?.appArmorProfile)
  return profiles.some((profile) => profile !== undefined && profile.type !== 'Unconfined')
}

/**
 * Why a node does not take a pod whose isolation it cannot ensure, rather than run it with less (kubernetes.io, "Restrict a Container's Access to
 * Resources with AppArmor"); undefined when it can. Pure.
 */
export function supportRefusal(pod: Pod, { appArmor }: NodeSupport): Refusal | undefined {
  if (appArmor || !asksForAppArmor(pod)) return undefined
  return refusal('AppArmor', 'Cannot enforce AppArmor: AppArmor is not enabled on the host')
}

/** What a node's status says that it can do (kubernetes.io, "Node Status"): `''` is the engine's usual runtime. */
export const support = {
  runtimeHandlers: [{ name: '', features: { recursiveReadOnlyMounts: true, userNamespaces: false } }],
  features: { supplementalGroupsPolicy: true },
  // What this kubelet can and an older one could not (KEP-5328).
  declaredFeatures: [
    'ExtendWebSocketsToKubelet',
    'InPlacePodLevelResourcesVerticalScaling',
    'InPlacePodVerticalScalingInitContainers',
    'RestartAllContainersOnContainerExits',
  ],
}
