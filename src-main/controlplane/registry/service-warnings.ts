import type { Service } from '#types/core/v1'
import { warningsOfCidrs, warningsOfIp, warningsOfIps } from './address-warnings.ts'

const OLD_HINTS = 'service.kubernetes.io/topology-aware-hints'
const HINTS = 'service.kubernetes.io/topology-mode'

/** Fields of a service that its type makes no use of, and what has another name by now (reference: upstream's `GetWarningsForService`). */
export function warningsOfService({ metadata, spec }: Service): string[] {
  const words: string[] = []
  if (metadata.annotations?.[OLD_HINTS] !== undefined)
    words.push(`annotation ${OLD_HINTS} is deprecated, please use ${HINTS} instead`)
  if (!spec) return words
  if (spec.clusterIP && spec.clusterIP !== 'None') words.push(...warningsOfIps('spec.clusterIPs', spec.clusterIPs))
  const external = Boolean(spec.externalIPs?.length)
  if (spec.type === 'ClusterIP' && spec.clusterIP === 'None') {
    const ignored = 'is ignored for headless services'
    if (spec.loadBalancerIP) words.push(`spec.loadBalancerIP ${ignored}`)
    if (external) words.push(`spec.externalIPs ${ignored}`)
    if (spec.sessionAffinity !== 'None') words.push(`spec.SessionAffinity ${ignored}`)
  }
  if (external) words.push('spec.externalIPs is deprecated')
  words.push(...warningsOfIps('spec.externalIPs', spec.externalIPs))
  if (spec.loadBalancerIP) words.push(...warningsOfIp('spec.loadBalancerIP', spec.loadBalancerIP))
  words.push(...warningsOfCidrs('spec.loadBalancerSourceRanges', spec.loadBalancerSourceRanges))
  const named = spec.type === 'ExternalName'
  if (named && external) words.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
  if (!named && spec.externalName) words.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  if (spec.trafficDistribution === 'PreferClose')
    words.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
  return words
}
