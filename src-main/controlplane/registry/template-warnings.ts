import type { Container, EnvVar, NodeSelectorTerm, PodSpec, PodTemplateSpec } from '#types/core/v1'
import { warningsOfIp, warningsOfIps } from './address-warnings.ts'
import { warningsOfAnnotations, warningsOfContainerAnnotations } from './annotation-warnings.ts'
import { fractionOfBytes } from './byte-warnings.ts'
import { oldLabel, oldLabelsOfTerm } from './old-labels.ts'
import { warningsOfAffinity, warningsOfPodSpec, warningsOfPorts } from './pod-warnings.ts'
import { warningsOfVolumes } from './volume-warnings.ts'

/** A pod, or what pods are made of. */
export type Template = Pick<PodTemplateSpec, 'spec'> & {
  metadata?:
    | { labels?: Record<string, string> | undefined; annotations?: Record<string, string> | undefined }
    | undefined
}

/** What a pod's spec and annotations will not do (reference: upstream's `GetWarningsForPodTemplate`). `at`: `spec.template.`, empty for a pod itself. */
export function warningsOfTemplate({ spec, metadata }: Template, at: string): string[] {
  if (!spec) return []
  const words = [...warningsOfPlacement(spec, `${at}spec`), ...warningsOfAnnotations({ spec, metadata }, at)]
  if (spec.volumes) words.push(...warningsOfVolumes(spec.volumes, `${at}spec.volumes`))
  words.push(...warningsOfPodSpec(spec, `${at}spec`))
  words.push(...warningsOfIps(`${at}spec.dnsConfig.nameservers`, spec.dnsConfig?.nameservers))
  for (const [i, { ip }] of (spec.hostAliases ?? []).entries())
    words.push(...warningsOfIp(`${at}spec.hostAliases[${i}].ip`, ip))
  words.push(...fractions(spec.overhead, `${at}spec.overhead`))
  for (const list of ['initContainers', 'containers'] as const)
    for (const [i, container] of (spec[list] ?? []).entries()) {
      words.push(...warningsOfContainerAnnotations({ spec, metadata }, container, at))
      words.push(...ofContainer(container, `${at}spec.${list}[${i}]`))
    }
  words.push(...warningsOfPorts(spec, `${at}spec`))
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0)
    words.push(
      `${at}spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`,
    )
  words.push(...warningsOfAffinity(spec, `${at}spec`))
  return words
}

/** Labels of nodes that have other names by now, and constraints that no pod meets. */
function warningsOfPlacement({ nodeSelector, affinity, topologySpreadConstraints }: PodSpec, at: string): string[] {
  const words: string[] = []
  for (const label of Object.keys(nodeSelector ?? {})) {
    const found = oldLabel(label)
    if (found) words.push(`${at}.nodeSelector[${label}]: ${found}`)
  }
  if (affinity?.nodeAffinity) {
    const {
      requiredDuringSchedulingIgnoredDuringExecution: must,
      preferredDuringSchedulingIgnoredDuringExecution: may,
    } = affinity.nodeAffinity
    const ofTerm = (term: NodeSelectorTerm, path: string): string[] =>
      oldLabelsOfTerm(term, `${at}.affinity.nodeAffinity.${path}`)
    for (const [i, term] of (must?.nodeSelectorTerms ?? []).entries())
      words.push(...ofTerm(term, `requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${i}]`))
    for (const [i, { preference }] of (may ?? []).entries())
      words.push(...ofTerm(preference, `preferredDuringSchedulingIgnoredDuringExecution[${i}].preference`))
  }
  for (const [i, { topologyKey, labelSelector }] of (topologySpreadConstraints ?? []).entries()) {
    const path = `${at}.topologySpreadConstraints[${i}]`
    const found = oldLabel(topologyKey)
    if (found) words.push(`${path}.topologyKey: ${topologyKey} is ${found}`)
    if (!labelSelector) words.push(`${path}.labelSelector: a null labelSelector results in matching no pod`)
  }
  return words
}

const fractions = (amounts: Record<string, string> | undefined, at: string): string[] =>
  amounts ? ['memory', 'ephemeral-storage'].flatMap((name) => fractionOfBytes(`${at}[${name}]`, amounts[name])) : []

function ofContainer({ env, resources }: Container, at: string): string[] {
  const words = [
    ...fractions(resources?.limits, `${at}.resources.limits`),
    ...fractions(resources?.requests, `${at}.resources.requests`),
  ]
  if (!env) return words
  const names = new Set<string>()
  for (const [i, one] of env.entries()) {
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
