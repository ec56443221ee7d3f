import type { Endpoints, Node, PersistentVolume, PersistentVolumeClaim, Secret } from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import type { NetworkPolicy } from '#types/networking.k8s.io/v1'
import type { RuntimeClass } from '#types/node.k8s.io/v1'
import type { StorageClass } from '#types/storage.k8s.io/v1'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { warningsOfCidr, warningsOfCidrs, warningsOfIp, warningsOfIps } from './address-warnings.ts'
import { fractionOfBytes } from './byte-warnings.ts'
import { oldLabel, oldLabelsOfTerm } from './old-labels.ts'
import { problemOfPair } from './tls-warnings.ts'
import { warningsOfClaimSpec, warningsOfSources } from './volume-warnings.ts'

/** What strategies of small kinds warn of (reference: their `WarningsOnCreate`), by kind and storage version. */
const byKind: Readonly<Record<string, (object: never) => string[]>> = {
  'v1 Endpoints': ofEndpoints,
  'v1 Node': ofNode,
  'v1 PersistentVolume': ofVolume,
  'v1 PersistentVolumeClaim': ofClaim,
  'v1 Secret': ofSecret,
  'discovery.k8s.io/v1 EndpointSlice': ofSlice,
  'networking.k8s.io/v1 NetworkPolicy': ofPolicy,
  'node.k8s.io/v1 RuntimeClass': ofRuntime,
  'storage.k8s.io/v1 StorageClass': ofStorage,
}

/** What the client is told beside the answer; nothing for kinds without warnings of their own. */
export function warningsOfKind(object: KubeObject): string[] {
  const key = `${object.apiVersion} ${object.kind}`
  return Object.hasOwn(byKind, key) ? byKind[key]!(object as never) : []
}

function ofEndpoints({ subsets = [] }: Endpoints): string[] {
  return (subsets ?? []).flatMap(({ addresses = [], notReadyAddresses = [] }, i) => [
    ...addresses.flatMap(({ ip }, k) => warningsOfIp(`subsets[${i}].addresses[${k}].ip`, ip)),
    ...notReadyAddresses.flatMap(({ ip }, k) => warningsOfIp(`subsets[${i}].notReadyAddresses[${k}].ip`, ip)),
  ])
}

function ofNode({ spec }: Node): string[] {
  const words: string[] = []
  if (spec?.configSource) words.push('spec.configSource: the feature is removed')
  if (spec?.externalID) words.push('spec.externalID: this field is deprecated, and is unused by Kubernetes')
  return [...words, ...warningsOfCidrs('spec.podCIDRs', spec?.podCIDRs)]
}

function ofSlice({ addressType, endpoints }: EndpointSlice): string[] {
  if (addressType === 'FQDN') return ['spec.addressType: FQDN endpoints are deprecated']
  return (endpoints ?? []).flatMap(({ addresses }, i) => warningsOfIps(`endpoints[${i}].addresses`, addresses))
}

function ofPolicy({ spec }: NetworkPolicy): string[] {
  const ofPeers = (at: string, peers: NonNullable<NonNullable<typeof spec>['ingress']>[number]['from']): string[] =>
    (peers ?? []).flatMap(({ ipBlock }, i) =>
      ipBlock
        ? [
            ...warningsOfCidr(`${at}[${i}].ipBlock.cidr`, ipBlock.cidr),
            ...warningsOfCidrs(`${at}[${i}].ipBlock.except`, ipBlock.except),
          ]
        : [],
    )
  return [
    ...(spec?.ingress ?? []).flatMap(({ from }, i) => ofPeers(`spec.ingress[${i}].from`, from)),
    ...(spec?.egress ?? []).flatMap(({ to }, i) => ofPeers(`spec.egress[${i}].to`, to)),
  ]
}

function ofVolume({ spec }: PersistentVolume): string[] {
  const terms = spec?.nodeAffinity?.required?.nodeSelectorTerms ?? []
  const labels = terms.flatMap((term, i) => oldLabelsOfTerm(term, `spec.nodeAffinity.required.nodeSelectorTerms[${i}]`))
  const old = warningsOfSources(spec ?? {}, 'spec')
  return [...labels, ...old, ...fractionOfBytes('spec.capacity[storage]', spec?.capacity?.['storage'])]
}

function ofClaim({ spec }: PersistentVolumeClaim): string[] {
  return warningsOfClaimSpec(spec ?? {}, 'spec')
}

function ofSecret({ type, data }: Secret): string[] {
  if (type !== 'kubernetes.io/tls') return []
  const text = (name: string): string => Buffer.from(data?.[name] ?? '', 'base64').toString()
  const problem = problemOfPair(text('tls.crt'), text('tls.key'))
  return problem ? [problem] : []
}

function ofStorage({ allowedTopologies }: StorageClass): string[] {
  return (allowedTopologies ?? []).flatMap(({ matchLabelExpressions = [] }, i) =>
    matchLabelExpressions.flatMap(({ key }, k) => {
      const words = oldLabel(key)
      return words ? [`allowedTopologies[${i}].matchLabelExpressions[${k}].key: ${words}`] : []
    }),
  )
}

function ofRuntime({ scheduling }: RuntimeClass): string[] {
  return Object.keys(scheduling?.nodeSelector ?? {}).flatMap((label) => {
    const words = oldLabel(label)
    return words ? [`scheduling.nodeSelector: ${words}`] : []
  })
}
