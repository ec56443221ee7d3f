import type { StatefulSet } from '#types/apps/v1'
import type { PersistentVolumeClaim, Pod, PodTemplateSpec, Volume } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import type { Draft } from '../../../../src-kube/machinery/meta.ts'
import { podFromTemplate } from '../pod-template.ts'
import { POD_REVISION_LABEL } from '../revisions/history.ts'

/** By which a service may choose one pod of a set. */
export const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name'
/** The ordinal. */
export const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index'

/** The ordinal in a pod's name, undefined when the name is not one this set would give. */
export function ordinalOf(set: StatefulSet, pod: { metadata: { name: string } }): number | undefined {
  const prefix = `${set.metadata.name}-`
  const digits = pod.metadata.name.slice(prefix.length)
  return pod.metadata.name.startsWith(prefix) && /^\d+$/.test(digits) ? Number(digits) : undefined
}

/** The first ordinal, and the one after the last. */
export function ordinals({ spec }: StatefulSet): { from: number; to: number } {
  const from = spec.ordinals?.start ?? 0
  return { from, to: from + (spec.replicas ?? 1) }
}

/** The name that the pod of an ordinal always has. */
export const podName = (set: StatefulSet, ordinal: number): string => `${set.metadata.name}-${ordinal}`

/** Names of the claims a pod mounts: `<template>-<pod>`. */
export function claimNames(set: StatefulSet, pod: string): string[] {
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => `${metadata.name}-${pod}`)
}

/** The claims of a pod, as its set's templates describe them; they also carry what the set selects by, so that they are found. */
export function claimsFor(set: StatefulSet, pod: string): Array<Draft<PersistentVolumeClaim>> {
  const { namespace } = set.metadata
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...(metadata.annotations ? { annotations: metadata.annotations } : {}),
      ...(metadata.finalizers ? { finalizers: metadata.finalizers } : {}),
      name: `${metadata.name}-${pod}`,
      namespace,
      labels: { ...metadata.labels, ...set.spec.selector.matchLabels },
    },
    spec,
  }))
}

/** What gives a pod its identity ("StatefulSets: Pod Identity"): labels, host name under the set's service, its own claims. */
export function podOf(
  set: StatefulSet,
  ordinal: number,
  template: PodTemplateSpec,
  revision: string,
): Draft<Pod> & { metadata: { name: string } } {
  const { metadata, spec } = podFromTemplate(set, refs.statefulSets, template)
  const name = podName(set, ordinal)
  const labels = {
    ...metadata.labels,
    [POD_NAME_LABEL]: name,
    [POD_INDEX_LABEL]: String(ordinal),
    [POD_REVISION_LABEL]: revision,
  }
  const { serviceName } = set.spec
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name, labels },
    spec: { ...spec, hostname: name, ...(serviceName ? { subdomain: serviceName } : {}), ...volumes(set, name, spec) },
  }
}

/** A claim's volume takes the place of the template's volume of that name. */
function volumes(set: StatefulSet, pod: string, { volumes: given = [] }: { volumes?: Volume[] | undefined }) {
  const own = (set.spec.volumeClaimTemplates ?? []).map(({ metadata: { name } }) => ({
    name,
    persistentVolumeClaim: { claimName: `${name}-${pod}`, readOnly: false },
  }))
  const names = new Set(own.map(({ name }) => name))
  const all = [...own, ...given.filter(({ name }) => !names.has(name))]
  return all.length > 0 ? { volumes: all } : {}
}

/** Whether a pod carries the labels of its identity; one that was adopted may not. */
export function hasIdentity(pod: Pod, ordinal: number): boolean {
  const { labels, name } = pod.metadata
  return labels?.[POD_NAME_LABEL] === name && labels[POD_INDEX_LABEL] === String(ordinal)
}

/** The revision a pod was made from. */
export function revisionOfPod({ metadata }: Pod): string {
  return metadata.labels?.[POD_REVISION_LABEL] ?? ''
}
