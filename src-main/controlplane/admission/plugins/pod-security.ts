import type { Pod, PodTemplateSpec } from '#types/core/v1'
import { forbidden, invalid } from '../../../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { AdmissionAttributes, AdmissionPlugin, ObjectWatcher } from '../admission.ts'
import { keep } from '../keep.ts'
import type { Judged } from '../pod-security/check.ts'
import { type Exemptions, noConfiguration, type PodSecurityConfiguration } from '../pod-security/configuration.ts'
import { refusalName } from '../refusal-name.ts'
import {
  evaluate,
  nameOfStandard,
  policyOf,
  PREFIX,
  wordsOf,
  type Policy,
  type Standard,
} from '../pod-security/policy.ts'

/** Existing pods that a namespace's new standard is tried on. */
const MOST_PODS = 3000
const modes = ['enforce', 'audit', 'warn'] as const
const templates = [
  'podtemplates',
  'replicationcontrollers',
  'daemonsets.apps',
  'deployments.apps',
  'replicasets.apps',
  'statefulsets.apps',
  'jobs.batch',
  'cronjobs.batch',
]

/**
 * Holds pods to the standards that their namespace's labels name, or the cluster's configuration: `enforce` refuses pods, `warn` tells of pods and
 * of what makes them (kubernetes.io, "Pod Security Admission"). Namespaces without such labels cost a look-up.
 */
export function podSecurity(read: ObjectWatcher, configuration = noConfiguration): AdmissionPlugin {
  const { defaults, exemptions } = configuration
  const policies = keep(read, { group: '', resource: 'namespaces' }, new Map<string, Policy>(), (kept, object, old) => {
    const labels = object?.metadata.labels ?? {}
    const { name } = (object ?? old)!.metadata
    if (Object.keys(labels).some((key) => key.startsWith(PREFIX))) kept.set(name, policyOf(labels, defaults).policy)
    else kept.delete(name)
  })
  const usual = modes.some((mode) => defaults[mode].level !== 'privileged') ? defaults : undefined
  return {
    name: 'PodSecurity',
    resources: ['pods', 'namespaces', ...templates],
    handles: ({ operation, subresource }) =>
      (operation === 'CREATE' || operation === 'UPDATE') &&
      (subresource === '' || subresource === 'ephemeralcontainers'),
    validate(attributes) {
      if (attributes.descriptor.plural === 'namespaces') return judgeNamespace(read, attributes, configuration)
      const hold = (kept: Map<string, Policy>): void => {
        const policy = kept.get(attributes.namespace) ?? usual
        if (policy) judge(policy, attributes, exemptions)
      }
      const kept = policies.get()
      return kept instanceof Promise ? kept.then(hold) : hold(kept)
    },
  }
}

/** Why a request is held to nothing, in the words of the audit log; undefined when it is not. */
function exemptFor(
  { namespaces, usernames, runtimeClasses }: Exemptions,
  { namespace, user }: AdmissionAttributes,
  { spec }: Judged,
): string | undefined {
  if (namespaces.includes(namespace)) return 'namespace'
  if (usernames.includes(user.name)) return 'user'
  return spec.runtimeClassName && runtimeClasses.includes(spec.runtimeClassName) ? 'runtimeClass' : undefined
}

function judge({ enforce, audit, warn }: Policy, attributes: AdmissionAttributes, exemptions: Exemptions): void {
  const { descriptor, object, oldObject, annotate } = attributes
  const isPod = descriptor.plural === 'pods'
  const judged = isPod ? podOf(object as Pod) : templateOf(object!)
  if (!judged || (isPod && oldObject && !concerns(object as Pod, oldObject as Pod))) return
  const exempt = exemptFor(exemptions, attributes, judged)
  if (exempt) return annotate?.(`${PREFIX}exempt`, exempt)
  // kubernetes.io, "Audit Annotations".
  if (annotate && audit.level !== 'privileged') {
    const noted = evaluate(audit, judged)
    const head = `would violate PodSecurity ${JSON.stringify(nameOfStandard(audit))}: `
    if (noted.length > 0) annotate(`${PREFIX}audit-violations`, head + wordsOf(noted))
  }
  if (isPod) {
    annotate?.(`${PREFIX}enforce-policy`, nameOfStandard(enforce))
    const broken = evaluate(enforce, judged)
    if (broken.length > 0) {
      const words = `violates PodSecurity ${JSON.stringify(nameOfStandard(enforce))}: ${wordsOf(broken)}`
      throw forbidden({ group: '', resource: 'pods' }, refusalName(attributes), words)
    }
  }
  const doubtful = evaluate(warn, judged)
  if (doubtful.length > 0)
    attributes.warn(`would violate PodSecurity ${JSON.stringify(nameOfStandard(warn))}: ${wordsOf(doubtful)}`)
}

const podOf = ({ metadata, spec }: Pod): Judged => ({ annotations: metadata.annotations ?? {}, spec })

function templateOf(object: KubeObject): Judged | undefined {
  type Templated = { template?: PodTemplateSpec; jobTemplate?: { spec?: { template?: PodTemplateSpec } } }
  const spec = (object.kind === 'PodTemplate' ? object : object['spec']) as Templated | undefined
  const template = spec?.template ?? spec?.jobTemplate?.spec?.template
  return template?.spec ? { annotations: template.metadata?.annotations ?? {}, spec: template.spec } : undefined
}

/** Of a pod's update only new images, new debugging containers and AppArmor's annotations matter: little else can change. */
function concerns(now: Pod, before: Pod): boolean {
  const essence = ({ metadata, spec }: Pod): string =>
    JSON.stringify([
      [...spec.containers, ...(spec.initContainers ?? [])].map(({ image }) => image),
      (spec.ephemeralContainers ?? []).map(({ name, image, securityContext }) => [name, image, securityContext]),
      Object.entries(metadata.annotations ?? {}).filter(([key]) => key.includes('apparmor') || key.includes('seccomp')),
    ])
  return essence(now) !== essence(before)
}

/** Labels that say nothing are refused; a stricter standard is tried on the pods that are there, and its failures told of. */
async function judgeNamespace(
  read: ObjectWatcher,
  { object, oldObject, name, warn, operation }: AdmissionAttributes,
  { defaults, exemptions }: PodSecurityConfiguration,
) {
  const now = policyOf(object!.metadata.labels, defaults)
  const before = policyOf(oldObject?.metadata.labels, defaults)
  const isNew = now.errors.filter(({ message }) => !before.errors.some((error) => error.message === message))
  if (isNew.length > 0) throw invalid({ group: '', kind: 'Namespace' }, name, isNew)
  const { enforce } = now.policy
  const old = before.policy.enforce
  if (operation === 'CREATE' || enforce.level === 'privileged' || exemptions.namespaces.includes(name)) return
  if (enforce.level === old.level && enforce.version === old.version) return
  const pods = (await read.list('', 'pods', name)) as Pod[]
  for (const words of complaints(pods.slice(0, MOST_PODS), enforce, name)) warn(words)
}

function complaints(pods: readonly Pod[], standard: Standard, namespace: string): string[] {
  const byReason = new Map<string, string[]>()
  for (const pod of pods) {
    const reasons = evaluate(standard, podOf(pod)).map(({ reason }) => reason)
    if (reasons.length === 0) continue
    const words = reasons.join(', ')
    byReason.set(words, [...(byReason.get(words) ?? []), pod.metadata.name])
  }
  if (byReason.size === 0) return []
  const head = `existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level ${JSON.stringify(nameOfStandard(standard))}`
  const lines = [...byReason].map(([reasons, names]) => {
    const [first, ...others] = names.sort()
    const more = others.length > 0 ? ` (and ${others.length} other pod${others.length === 1 ? '' : 's'})` : ''
    return `${first}${more}: ${reasons}`
  })
  return [head, ...lines.sort()]
}
