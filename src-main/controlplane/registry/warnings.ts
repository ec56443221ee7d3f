import type { EnvVar, PersistentVolume, PodTemplateSpec, Service } from '#types/core/v1'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { milliValue } from '../../../src-kube/machinery/quantity.ts'
import { warningsOfIp, warningsOfIps } from './address-warnings.ts'
import { warningsOfKind } from './kind-warnings.ts'
import { oldLabel } from './old-labels.ts'
import { warningsOfAffinity, warningsOfPodSpec, warningsOfPorts } from './pod-warnings.ts'
import { warningsOfService } from './service-warnings.ts'

type Template = Pick<PodTemplateSpec, 'spec'> & {
  metadata?: { labels?: Record<string, string> | undefined } | undefined
}

/** Where a kind has its template of pods. */
const TEMPLATES: Record<string, readonly string[]> = {
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

/**
 * What a client is told of a valid object that will not do what it may expect (KEP-1693; reference: the strategies' `WarningsOnCreate`).
 * Asked for what clients over the network create, and for what they change in a spec.
 */
export function warningsOf(object: KubeObject): string[] {
  const path = TEMPLATES[object.kind]
  if (path) {
    let template: unknown = object
    for (const name of path) template = (template as Record<string, unknown> | undefined)?.[name]
    return template ? ofTemplate(template as Template, path.map((name) => `${name}.`).join('')) : []
  }
  if (object.kind === 'Service' && object.apiVersion === 'v1') return warningsOfService(object as Service)
  if (object.kind === 'Ingress') return ofIngress(object)
  if (object.kind === 'PersistentVolume')
    return [...ofLegacyClass(object), ...ofVolume(object as PersistentVolume), ...warningsOfKind(object)]
  return [...(object.kind === 'PersistentVolumeClaim' ? ofLegacyClass(object) : []), ...warningsOfKind(object)]
}

/** Types of volumes that do nothing any more. */
const OLD_VOLUMES: Record<string, string> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
}

function ofTemplate({ spec }: Template, at: string): string[] {
  if (!spec) return []
  const words = Object.keys(spec.nodeSelector ?? {}).flatMap((label) => {
    const found = oldLabel(label)
    return found ? `${at}spec.nodeSelector[${label}]: ${found}` : []
  })
  for (const [i, volume] of (spec.volumes ?? []).entries())
    for (const type of Object.keys(volume)) {
      const old = OLD_VOLUMES[type]
      if (old) words.push(`${at}spec.volumes[${i}].${type}: ${old}`)
    }
  words.push(...warningsOfPodSpec(spec, `${at}spec`))
  words.push(...warningsOfIps(`${at}spec.dnsConfig.nameservers`, spec.dnsConfig?.nameservers))
  for (const [i, { ip }] of (spec.hostAliases ?? []).entries())
    words.push(...warningsOfIp(`${at}spec.hostAliases[${i}].ip`, ip))
  for (const list of ['initContainers', 'containers'] as const)
    for (const [i, container] of (spec[list] ?? []).entries())
      words.push(...ofContainer(container, `${at}spec.${list}[${i}]`))
  words.push(...warningsOfPorts(spec, `${at}spec`))
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0)
    words.push(
      `${at}spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`,
    )
  words.push(...warningsOfAffinity(spec, `${at}spec`))
  return words
}

type OfContainer = Pick<NonNullable<PodTemplateSpec['spec']>['containers'][number], 'env' | 'resources'>

function ofContainer({ env, resources }: OfContainer, at: string): string[] {
  const words: string[] = []
  for (const field of ['limits', 'requests'] as const) {
    for (const name of ['memory', 'ephemeral-storage']) {
      const amount = resources?.[field]?.[name]
      if (amount !== undefined && milliValue(amount) % 1000 !== 0)
        words.push(
          `${at}.resources.${field}[${name}]: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`,
        )
    }
  }
  const names = new Set<string>()
  for (const [i, one] of (env ?? []).entries()) {
    const { name } = one
    if (names.has(name) && !goesOn(one))
      words.push(`${at}.env[${i}]: hides previous definition of "${name}", which may be dropped when using apply`)
    names.add(name)
  }
  return words
}

/** Whether a variable has more of the one before it than that alone. */
function goesOn({ name, value = '', valueFrom }: EnvVar): boolean {
  const before = `$(${name})`
  return valueFrom === undefined && value !== before && value.includes(before)
}

const ofIngress = ({ metadata }: KubeObject): string[] =>
  metadata.annotations?.['kubernetes.io/ingress.class'] === undefined
    ? []
    : [`annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`]

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
