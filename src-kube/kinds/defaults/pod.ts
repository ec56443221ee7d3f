import type {
  AzureDiskVolumeSource,
  PersistentVolumeClaimSpec,
  Pod,
  PodSpec,
  PodTemplateSpec,
  ResourceRequirements,
  Volume,
  VolumeProjection,
} from '#types/core/v1'
import { podResources } from '../quota/usage.ts'
import { defaultContainer, defaultPullPolicy, defaultRequests } from './container.ts'

const DEFAULT_MODE = 0o644

/** Defaults shared by pods and pod templates. Mutates. */
function defaultPodSpec(spec: PodSpec): void {
  // Groups of pods are an alpha feature, which is off (feature gate GenericWorkload): nobody would heed it.
  if (spec.schedulingGroup !== undefined) delete spec.schedulingGroup
  spec.restartPolicy ||= 'Always'
  spec.terminationGracePeriodSeconds ??= 30
  spec.dnsPolicy ||= 'ClusterFirst'
  spec.securityContext ??= {}
  spec.schedulerName ||= 'default-scheduler'
  const account = spec.serviceAccountName || spec.serviceAccount
  if (account) {
    spec.serviceAccountName = account
    spec.serviceAccount = account
  }
  for (const container of spec.initContainers ?? []) defaultContainer(container)
  for (const container of spec.containers ?? []) defaultContainer(container)
  for (const container of spec.ephemeralContainers ?? []) defaultContainer(container)
  for (const volume of spec.volumes ?? []) defaultVolume(volume)
}

/** Defaults of a pod template: those of a pod that do not depend on where it runs. Mutates. */
export function defaultPodTemplate(template: PodTemplateSpec | undefined): void {
  if (template?.spec) defaultPodSpec(template.spec)
}

/** Defaults of a pod itself: also requests from limits, service links, host ports of the host's network. Mutates. */
export function defaultPod(pod: Pod): void {
  const { spec } = pod
  if (!spec) return
  defaultPodSpec(spec)
  spec.enableServiceLinks ??= true
  const all = [...(spec.initContainers ?? []), ...(spec.containers ?? [])]
  for (const container of all) {
    defaultRequests(container)
    if (spec.hostNetwork) for (const port of container.ports ?? []) port.hostPort ||= port.containerPort
  }
  if (spec.resources) defaultWholeRequests(pod, spec.resources)
}

const SUPPORTED = /^(cpu|memory|hugepages-.*)$/

/** A pod that has limits as a whole asks for what its containers ask for together, else for its limit, where it does not say (KEP-2837). */
function defaultWholeRequests(pod: Pod, resources: ResourceRequirements): void {
  if (Object.keys(resources.limits ?? {}).length === 0) return
  const { resources: _, ...containers } = pod.spec
  const asked = [podResources({ ...pod, spec: containers }, 'requests'), resources.limits as Record<string, string>]
  const supported = asked.map((list) => Object.entries(list).filter(([name]) => SUPPORTED.test(name)))
  const requests = Object.fromEntries(supported.toReversed().flat())
  resources.requests = { ...requests, ...resources.requests }
}

function defaultVolume(volume: Volume): void {
  if (Object.keys(volume).every((key) => key === 'name')) volume.emptyDir = {}
  if (volume.hostPath) Object.assign(volume.hostPath, { type: volume.hostPath.type ?? '' })
  if (volume.secret) volume.secret.defaultMode ??= DEFAULT_MODE
  if (volume.configMap) volume.configMap.defaultMode ??= DEFAULT_MODE
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= DEFAULT_MODE
    defaultFieldRefs(volume.downwardAPI.items)
  }
  if (volume.projected) {
    volume.projected.defaultMode ??= DEFAULT_MODE
    for (const source of volume.projected.sources ?? []) defaultProjection(source)
  }
  if (volume.azureDisk) defaultAzureDisk(volume.azureDisk)
  if (volume.image) volume.image.pullPolicy ||= defaultPullPolicy(volume.image.reference)
  const template: { spec?: PersistentVolumeClaimSpec } | undefined = volume.ephemeral?.volumeClaimTemplate
  if (template) defaultClaimSpec((template.spec ??= {}))
}

function defaultProjection(source: VolumeProjection): void {
  if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600
  defaultFieldRefs(source.downwardAPI?.items)
}

function defaultFieldRefs(
  items:
    | Array<{
        fieldRef?: { apiVersion?: string | undefined } | undefined
        resourceFieldRef?: { divisor?: string | undefined } | undefined
      }>
    | undefined,
): void {
  for (const { fieldRef, resourceFieldRef } of items ?? []) {
    if (fieldRef) fieldRef.apiVersion ||= 'v1'
    if (resourceFieldRef) resourceFieldRef.divisor ??= '0'
  }
}

/** Defaults of a disk that no node of Drydock's has a driver for, of a pod or a volume. Mutates. */
export function defaultAzureDisk(disk: AzureDiskVolumeSource): void {
  disk.cachingMode ??= 'ReadWrite'
  disk.kind ??= 'Shared'
}

/** Defaults of a claim, which are those of the template of an ephemeral volume as well. Mutates. */
export function defaultClaimSpec(spec: PersistentVolumeClaimSpec): void {
  spec.volumeMode ??= 'Filesystem'
}
