import type { DaemonSetSpec, DeploymentSpec, StatefulSetSpec } from '#types/apps/v1'
import type { PodTemplateSpec } from '#types/core/v1'
import type { LabelSelector, ObjectMeta } from '#types/meta/v1'
import { defaultClaimSpec } from '../defaults/pod.ts'

/** What old versions default differently. */
export interface RolloutDefaults {
  surge: number | string
  unavailable: number | string
  history: number
  deadline: number
}

/** apps/v1beta1, v1beta2 and v1 roll a quarter at a time. */
export const quarterAtATime: RolloutDefaults = { surge: '25%', unavailable: '25%', history: 10, deadline: 600 }
/** extensions/v1beta1 rolled one pod at a time and kept everything; the largest int32 stands for "no limit". */
export const oneAtATime: RolloutDefaults = {
  surge: 1,
  unavailable: 1,
  history: 2147483647,
  deadline: 2147483647,
}

/** Fills in what is absent; versions differ in `given`. */
export function defaultDeploymentSpec(spec: DeploymentSpec, given: RolloutDefaults): void {
  spec.replicas ??= 1
  spec.strategy ??= {}
  spec.strategy.type ||= 'RollingUpdate'
  if (spec.strategy.type === 'RollingUpdate') {
    spec.strategy.rollingUpdate ??= {}
    spec.strategy.rollingUpdate.maxUnavailable ??= given.unavailable
    spec.strategy.rollingUpdate.maxSurge ??= given.surge
  }
  spec.revisionHistoryLimit ??= given.history
  spec.progressDeadlineSeconds ??= given.deadline
}

/** Fills in what is absent; old versions replace no pods by themselves. */
export function defaultDaemonSetSpec(spec: DaemonSetSpec, strategy: 'RollingUpdate' | 'OnDelete'): void {
  spec.updateStrategy ??= {}
  spec.updateStrategy.type ||= strategy
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {}
    spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1
    spec.updateStrategy.rollingUpdate.maxSurge ??= 0
  }
  spec.revisionHistoryLimit ??= 10
}

/** Fills in what is absent; old versions replace no pods by themselves. */
export function defaultStatefulSetSpec(spec: StatefulSetSpec, strategy: 'RollingUpdate' | 'OnDelete'): void {
  spec.podManagementPolicy ||= 'OrderedReady'
  spec.updateStrategy ??= {}
  spec.updateStrategy.type ||= strategy
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {}
    spec.updateStrategy.rollingUpdate.partition ??= 0
  }
  spec.persistentVolumeClaimRetentionPolicy ??= {}
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= 'Retain'
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= 'Retain'
  spec.replicas ??= 1
  spec.revisionHistoryLimit ??= 10
  spec.volumeClaimTemplates &&= spec.volumeClaimTemplates.map((claim) => ({
    ...claim,
    // Upstream names the kind of what is made by them in every answer; tools that compare objects count on it.
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
  }))
  for (const claim of spec.volumeClaimTemplates ?? []) {
    if (claim.spec) defaultClaimSpec(claim.spec)
    claim.status = { phase: 'Pending', ...claim.status }
  }
}

/** Old versions took the selector, and the object's own labels, from the template. */
export function selectorFromTemplate(
  metadata: ObjectMeta,
  spec: { selector?: LabelSelector | undefined; template?: PodTemplateSpec | undefined },
): void {
  const labels = spec.template?.metadata?.labels
  if (!labels || Object.keys(labels).length === 0) return
  spec.selector ??= { matchLabels: { ...labels } }
  if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels }
}
