import type { PersistentVolume, Service } from '#types/core/v1'
import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import type { StatefulSet } from '#types/apps/v1'
import type { JobSpec } from '#types/batch/v1'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { isDns1123Label } from '../../../src-kube/machinery/names.ts'
import { warningsOfFormats } from './format-warnings.ts'
import { warningsOfKind } from './kind-warnings.ts'
import { warningsOfService } from './service-warnings.ts'
import { warningsOfClaimSpec } from './volume-warnings.ts'
import { type Template, warningsOfTemplate } from './template-warnings.ts'

/** Where a kind has its template of pods. */
const templates: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  PodTemplate: ['template'],
  ReplicationController: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
}

/** Where these are; a custom resource may bear the same names. */
const versions = new Set(['v1', 'apps/v1', 'batch/v1'])

/** Kinds whose pods are named after them, which are known to each other by these names. */
const namesPods = new Set(['Pod', 'ReplicationController', 'ReplicaSet', 'Deployment', 'Job', 'CronJob'])

/** Kinds that warn of every write; the others with a generation, of one that counts. */
const always = new Set([
  'Endpoints',
  'EndpointSlice',
  'NetworkPolicy',
  'Node',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'PodTemplate',
  'RuntimeClass',
  'Secret',
  'Service',
  'StorageClass',
])

/**
 * What a client is told of a new object that is valid, but will not do what it may expect (KEP-1693; reference: the strategies'
 * `WarningsOnCreate`). Asked for what clients over the network write.
 */
export function warningsOfCreation(object: KubeObject): string[] {
  if (object.kind === 'Ingress') return ofIngress(object)
  if (object.kind === 'ServiceAccount') return ofAccount(object)
  if (isDefinition(object)) return warningsOfFormats(object)
  const claims = object.kind === 'StatefulSet' ? ofClaims(object as StatefulSet) : []
  return [...ofName(object), ...warningsOf(object), ...claims]
}

/** The same of a write of one that is there, which `counts` when it changed more than metadata and status. */
export function warningsOfUpdate(object: KubeObject, old: KubeObject, { counts }: { counts: boolean }): string[] {
  if (object.kind === 'ServiceAccount') return ofAccount(old).length > 0 ? [] : ofAccount(object)
  if (isDefinition(object)) return counts ? warningsOfFormats(object, old as CustomResourceDefinition) : []
  // Whoever writes a pod again is seldom a person, and it is written often.
  if (object.kind === 'Pod' || !(counts || always.has(object.kind))) return []
  return warningsOf(object)
}

const isDefinition = (object: KubeObject): object is CustomResourceDefinition & KubeObject =>
  object.kind === 'CustomResourceDefinition' && object.apiVersion === 'apiextensions.k8s.io/v1'

/** What is to be said of an object whenever it is looked at. */
export function warningsOf(object: KubeObject): string[] {
  const path = templates[object.kind]
  if (path && versions.has(object.apiVersion)) return ofWorkload(object, path)
  if (object.kind === 'Service' && object.apiVersion === 'v1') return warningsOfService(object as Service)
  if (object.kind === 'PersistentVolume')
    return [...ofLegacyClass(object), ...ofVolume(object as PersistentVolume), ...warningsOfKind(object)]
  return [...(object.kind === 'PersistentVolumeClaim' ? ofLegacyClass(object) : []), ...warningsOfKind(object)]
}

function ofWorkload(object: KubeObject, path: readonly string[]): string[] {
  let owner: unknown = object
  let template: unknown = object
  for (const name of path) {
    owner = template
    template = (template as Record<string, unknown> | undefined)?.[name]
  }
  if (!template) return []
  const words = warningsOfTemplate(template as Template, path.map((name) => `${name}.`).join(''))
  if (object.kind === 'StatefulSet') return [...words, ...ofHistory(owner as StatefulSet['spec'])]
  if (object.kind !== 'Job' && object.kind !== 'CronJob') return words
  return [...ofJob(owner as JobSpec, path.slice(0, -1).join('.')), ...words]
}

/** Claims of a stateful set, which can be written but once. */
const ofClaims = ({ spec }: StatefulSet): string[] =>
  (spec?.volumeClaimTemplates ?? []).flatMap((claim, i) =>
    warningsOfClaimSpec(claim.spec ?? {}, `spec.volumeClaimTemplates[${i}]`),
  )

const ofHistory = (spec: StatefulSet['spec']): string[] =>
  (spec?.revisionHistoryLimit ?? 0) < 0
    ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended']
    : []

const MANY = 'a number of completions higher than 10^5 and a parallelism higher than 10^4'

/** Indexes beyond count, of a job that has as many of them at once. */
function ofJob({ completionMode, completions, parallelism }: JobSpec, at: string): string[] {
  const many = completionMode === 'Indexed' && (completions ?? 0) > 100_000 && (parallelism ?? 0) > 10_000
  const words = 'Kubernetes might not be able to track completedIndexes when a big number of indexes fail'
  return many ? [`${at}: In Indexed Jobs with ${MANY}, ${words}`] : []
}

function ofName({ apiVersion, kind, metadata }: KubeObject): string[] {
  if (!namesPods.has(kind) || !versions.has(apiVersion)) return []
  const problems = isDns1123Label(metadata.name)
  if (problems.length === 0) return []
  const used = kind === 'Pod' ? "the Pod's hostname" : 'Pod names and hostnames'
  const advice = `a DNS label is recommended: [${problems.join(' ')}]`
  return [`metadata.name: this is used in ${used}, which can result in surprising behavior; ${advice}`]
}

const ofIngress = ({ metadata }: KubeObject): string[] =>
  metadata.annotations?.['kubernetes.io/ingress.class'] === undefined
    ? []
    : [`annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`]

const MOUNTABLE = 'kubernetes.io/enforce-mountable-secrets'

const ofAccount = ({ metadata }: KubeObject): string[] =>
  metadata.annotations?.[MOUNTABLE] === undefined
    ? []
    : [
        `metadata.annotations[${MOUNTABLE}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
      ]

const LEGACY_CLASS = 'volume.beta.kubernetes.io/storage-class'

const ofLegacyClass = ({ metadata }: KubeObject): string[] =>
  metadata.annotations?.[LEGACY_CLASS] === undefined
    ? []
    : [`metadata.annotations[${LEGACY_CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead`]

function ofVolume({ spec }: PersistentVolume): string[] {
  if (spec?.persistentVolumeReclaimPolicy !== 'Recycle') return []
  const instead = 'Instead, the recommended approach is to use dynamic provisioning.'
  return [`spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. ${instead}`]
}
