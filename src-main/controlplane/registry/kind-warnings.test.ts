import { describe, expect, test } from 'vitest'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { warningsOfCidr, warningsOfIp } from './address-warnings.ts'
import { warningsOf } from './warnings.ts'

const FUTURE = 'will be considered invalid in a future Kubernetes release'

// KEP-4858, "IP/CIDR validation improvements: API Warnings".
describe('an address', () => {
  test.each([
    ['192.12.2.2', undefined],
    ['2001:db8::2', undefined],
    ['no address', undefined],
    ['192.012.2.2', `at: non-standard IP address "192.012.2.2" ${FUTURE}: use "192.12.2.2"`],
    ['::ffff:1.2.3.4', `at: non-standard IP address "::ffff:1.2.3.4" ${FUTURE}: use "1.2.3.4"`],
    ['2001:db8:0:0::2', 'at: IPv6 address "2001:db8:0:0::2" should be in RFC 5952 canonical format ("2001:db8::2")'],
  ])('%s: %s', (text, words) => expect(warningsOfIp('at', text)[0]).toBe(words))

  test.each([
    ['192.12.2.0/24', undefined],
    ['2001:db8::/64', undefined],
    ['no network', undefined],
    [
      '192.12.2.8/24',
      'at: CIDR value "192.12.2.8/24" is ambiguous in this context (should be "192.12.2.0/24" or "192.12.2.8/32"?)',
    ],
    ['192.012.2.0/24', `at: non-standard CIDR value "192.012.2.0/24" ${FUTURE}: use "192.12.2.0/24"`],
    ['::ffff:1.2.3.0/120', `at: non-standard CIDR value "::ffff:1.2.3.0/120" ${FUTURE}: use "1.2.3.0/24"`],
    ['2001:DB8::/64', 'at: IPv6 CIDR value "2001:DB8::/64" should be in RFC 5952 canonical format ("2001:db8::/64")'],
  ])('of a network, %s: %s', (text, words) => expect(warningsOfCidr('at', text)[0]).toBe(words))
})

const BAD = '::ffff:1.2.3.4'
const SAID = `non-standard IP address "::ffff:1.2.3.4" ${FUTURE}: use "1.2.3.4"`
const AMBIGUOUS = 'CIDR value "10.1.0.1/16" is ambiguous in this context (should be "10.1.0.0/16" or "10.1.0.1/32"?)'
const ZONE = 'failure-domain.beta.kubernetes.io/zone'
const INSTEAD = 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'
const HALF = 'fractional byte value "1500m" is invalid, must be an integer'

test.each<[string, string, object, string[]]>([
  [
    'v1',
    'Service',
    {
      spec: {
        clusterIP: BAD,
        clusterIPs: [BAD],
        externalIPs: [BAD],
        loadBalancerIP: BAD,
        loadBalancerSourceRanges: ['10.1.0.1/16'],
      },
    },
    [
      `spec.clusterIPs[0]: ${SAID}`,
      'spec.externalIPs is deprecated',
      `spec.externalIPs[0]: ${SAID}`,
      `spec.loadBalancerIP: ${SAID}`,
      `spec.loadBalancerSourceRanges[0]: ${AMBIGUOUS}`,
    ],
  ],
  [
    'v1',
    'Endpoints',
    { subsets: [{ addresses: [{ ip: BAD }], notReadyAddresses: [{ ip: BAD }] }] },
    [`subsets[0].addresses[0].ip: ${SAID}`, `subsets[0].notReadyAddresses[0].ip: ${SAID}`],
  ],
  [
    'v1',
    'Node',
    { spec: { configSource: {}, externalID: 'x' } },
    [
      'spec.configSource: the feature is removed',
      'spec.externalID: this field is deprecated, and is unused by Kubernetes',
    ],
  ],
  [
    'v1',
    'PersistentVolume',
    { spec: { capacity: { storage: '1Gi' }, rbd: {} } },
    ['spec.rbd: deprecated in v1.28, non-functional in v1.31+'],
  ],
  ['v1', 'Node', { spec: { podCIDRs: ['10.1.0.1/16'] } }, [`spec.podCIDRs[0]: ${AMBIGUOUS}`]],
  [
    'v1',
    'Pod',
    { spec: { containers: [], dnsConfig: { nameservers: ['1.2.3.4', BAD] }, hostAliases: [{ ip: BAD }] } },
    [`spec.dnsConfig.nameservers[1]: ${SAID}`, `spec.hostAliases[0].ip: ${SAID}`],
  ],
  [
    'v1',
    'PersistentVolume',
    {
      spec: {
        capacity: { storage: '1500m' },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE }, { key: 'a' }] }] } },
      },
    },
    [
      `spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: ${ZONE} is ${INSTEAD}`,
      `spec.capacity[storage]: ${HALF}`,
    ],
  ],
  [
    'v1',
    'PersistentVolumeClaim',
    { spec: { resources: { requests: { storage: '1500m' }, limits: { storage: '1500m' } } } },
    [`spec.resources.requests[storage]: ${HALF}`, `spec.resources.limits[storage]: ${HALF}`],
  ],
  [
    'discovery.k8s.io/v1',
    'EndpointSlice',
    { addressType: 'FQDN' },
    ['spec.addressType: FQDN endpoints are deprecated'],
  ],
  [
    'discovery.k8s.io/v1',
    'EndpointSlice',
    { addressType: 'IPv4', endpoints: [{ addresses: [BAD] }] },
    [`endpoints[0].addresses[0]: ${SAID}`],
  ],
  [
    'networking.k8s.io/v1',
    'NetworkPolicy',
    {
      spec: {
        ingress: [{ from: [{ podSelector: {} }, { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.1/16'] } }] }],
        egress: [{ to: [{ ipBlock: { cidr: '10.1.0.1/16' } }] }],
      },
    },
    [`spec.ingress[0].from[1].ipBlock.except[0]: ${AMBIGUOUS}`, `spec.egress[0].to[0].ipBlock.cidr: ${AMBIGUOUS}`],
  ],
  [
    'node.k8s.io/v1',
    'RuntimeClass',
    { scheduling: { nodeSelector: { [ZONE]: 'a', b: 'c' } } },
    [`scheduling.nodeSelector: ${INSTEAD}`],
  ],
  [
    'storage.k8s.io/v1',
    'StorageClass',
    { allowedTopologies: [{ matchLabelExpressions: [{ key: 'a' }, { key: ZONE }] }] },
    [`allowedTopologies[0].matchLabelExpressions[1].key: ${INSTEAD}`],
  ],
  ['example.com/v1', 'Node', { spec: { podCIDRs: ['10.1.0.1/16'] } }, []],
])('%s %s %j', (apiVersion, kind, body, words) => {
  expect(warningsOf(partial({ apiVersion, kind, metadata: {}, ...body }))).toEqual(words)
})
