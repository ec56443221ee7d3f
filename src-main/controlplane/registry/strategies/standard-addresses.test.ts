import { describe, expect, test } from 'vitest'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { arrange, at as target } from '../testing/arrange.ts'
import { validateCidr, validateIp, withoutKept } from './standard-addresses.ts'

const at = fieldPath('at')
const NO_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const NO_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
const said = (value: string, words: string): object[] =>
  words ? [expect.objectContaining({ field: 'at', message: `Invalid value: "${value}": ${words}` })] : []

describe('KEP-4858', () => {
  test.each([
    ['10.0.0.5', ''],
    ['2001:DB8::1', ''],
    ['010.0.0.5', 'must not have leading 0s'],
    ['::ffff:10.0.0.5', 'must not be an IPv4-mapped IPv6 address'],
    ['10.0.0', NO_IP],
    ['10.0.0.300', NO_IP],
  ])('the address %s: %s', (text, words) => expect(validateIp(text, at)).toEqual(said(text, words)))

  test.each([
    ['10.9.8.0/24', ''],
    ['2001:db8::/64', ''],
    ['10.9.8.1/32', ''],
    ['10.9.08.0/24', 'must not have leading 0s in IP or prefix length'],
    ['10.9.8.0/024', 'must not have leading 0s in IP or prefix length'],
    ['::ffff:10.9.8.0/120', 'must not have an IPv4-mapped IPv6 address'],
    ['10.9.8.1/24', 'must not have bits set beyond the prefix length'],
    ['10.9.8.0', NO_CIDR],
    ['10.9.8.0/33', NO_CIDR],
  ])('the network %s: %s', (text, words) => expect(validateCidr(text, at)).toEqual(said(text, words)))

  test('what was there before may stay, wherever it stands, and nothing else', () => {
    const old = validateIp('010.0.0.5', at.index(0))
    const kept = validateIp('010.0.0.5', at.index(1))
    const added = validateIp('010.0.0.6', at.index(2))
    const wrong = validateIp('x', at.index(3))
    expect(withoutKept([...kept, ...added, ...wrong], () => [...old, ...wrong])).toEqual([...added, ...wrong])
    expect(withoutKept(wrong, () => expect.unreachable())).toEqual(wrong)
  })
})

const pod = (spec: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'd' },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
})
const node = (podCIDR: string) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'p' },
  spec: { podCIDR, podCIDRs: [podCIDR] },
})
const endpoints = (ip: string) => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name: 'p', namespace: 'd' },
  subsets: [{ addresses: [{ ip }], ports: [{ port: 80 }] }],
})
const service = (spec: object) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'p', namespace: 'd' },
  spec: { type: 'LoadBalancer', ports: [{ port: 80 }], ...spec },
})
const policy = (ipBlock: object) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'p', namespace: 'd' },
  spec: { podSelector: {}, ingress: [{ from: [{ ipBlock }] }] },
})

test.each([
  ['Service', service({ externalIPs: ['010.0.0.5'] }), 'must not have leading 0s'],
  ['Service', service({ clusterIP: '::ffff:1.2.3.4' }), 'must not be an IPv4-mapped IPv6 address'],
  [
    'Service',
    service({ loadBalancerSourceRanges: ['10.9.8.0/24', ' 10.9.8.1/24'] }),
    'spec.loadBalancerSourceRanges[1]: Invalid value: "10.9.8.1/24": must not have bits set beyond the prefix length',
  ],
  ['NetworkPolicy', policy({ cidr: '10.9.8.1/24' }), 'must not have bits set beyond the prefix length'],
  ['NetworkPolicy', policy({ cidr: '10.9.0.0/16', except: ['10.9.08.0/24'] }), 'must not have leading 0s in IP or'],
  ['Pod', pod({ hostAliases: [{ ip: '010.0.0.5', hostnames: ['a'] }] }), 'must not have leading 0s'],
  ['Pod', pod({ dnsConfig: { nameservers: ['::ffff:1.2.3.4'] } }), 'must not be an IPv4-mapped IPv6 address'],
  ['Node', node('10.9.8.1/24'), 'must not have bits set beyond the prefix length'],
  ['Endpoints', endpoints('010.0.0.5'), 'must not have leading 0s'],
])('A %s does not take what may be read in two ways: %j', async (kind, body, words) => {
  const { registry, write } = await arrange()
  const where = target(body.apiVersion, kind, kind === 'Node' ? '' : 'd', '')
  await expect(registry.create(where, body, write)).rejects.toMatchObject({
    message: expect.stringContaining(words),
  })
})
