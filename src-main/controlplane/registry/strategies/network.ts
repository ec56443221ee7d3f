import { isIP } from 'node:net'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '#types/networking.k8s.io/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isDns1123Label } from '../../../../src-kube/machinery/names.ts'
import type { Strategy } from '../strategy.ts'
import { endpointAddress, isOwnService } from './addresses.ts'
import { immutable, portNumber, portReference, validateLabelSelector } from './checks.ts'

const protocols = ['SCTP', 'TCP', 'UDP']
const families = ['FQDN', 'IPv4', 'IPv6']

/** kubernetes.io, "Network Policies". */
export const networkPolicyStrategy: Strategy<NetworkPolicy> = {
  validate(_context, object) {
    const { spec } = object
    const path = fieldPath('spec')
    const errors = validateLabelSelector(spec?.podSelector, path.child('podSelector'))
    for (const [direction, side] of [
      ['ingress', 'from'],
      ['egress', 'to'],
    ] as const)
      for (const [i, rule] of (spec?.[direction] ?? []).entries()) {
        const at = path.child(direction).index(i)
        const peers =
          (side === 'from'
            ? (rule as { from?: NetworkPolicyPeer[] }).from
            : (rule as { to?: NetworkPolicyPeer[] }).to) ?? []
        for (const [j, port] of (rule.ports ?? []).entries())
          errors.push(...validatePort(port, at.child('ports').index(j)))
        for (const [j, peer] of peers.entries()) errors.push(...validatePeer(peer, at.child(side).index(j)))
      }
    const types = spec?.policyTypes ?? []
    if (types.length > 2)
      return [...errors, path.child('policyTypes').invalid(types, 'may not specify more than two policyTypes')]
    for (const [i, type] of types.entries())
      if (type !== 'Egress' && type !== 'Ingress')
        errors.push(path.child('policyTypes').index(i).notSupported(type, ['Egress', 'Ingress']))
    return errors
  },
}

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (protocol && !protocols.includes(protocol)) errors.push(path.child('protocol').notSupported(protocol, protocols))
  const at = path.child('endPort')
  if (port === undefined)
    return endPort === undefined
      ? errors
      : [...errors, at.invalid(endPort, 'may not be specified when `port` is not specified')]
  errors.push(...portReference(port, path.child('port')))
  if (endPort === undefined) return errors
  if (typeof port === 'string') errors.push(at.invalid(endPort, 'may not be specified when `port` is non-numeric'))
  else if (endPort < port) errors.push(at.invalid(endPort, 'must be greater than or equal to `port`'))
  errors.push(...portNumber(endPort, at))
  return errors
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, path: FieldPath): FieldError[] {
  if (!podSelector && !namespaceSelector && !ipBlock) return [path.required('must specify a peer')]
  const errors = [
    ...validateLabelSelector(podSelector, path.child('podSelector')),
    ...validateLabelSelector(namespaceSelector, path.child('namespaceSelector')),
  ]
  if (!ipBlock) return errors
  if (podSelector || namespaceSelector) errors.push(path.forbidden('may not specify both ipBlock and another peer'))
  const at = path.child('ipBlock')
  if (!ipBlock.cidr) return [...errors, at.child('cidr').required()]
  const blocks: Array<[string, FieldPath]> = [[ipBlock.cidr, at.child('cidr')]]
  for (const [i, cidr] of (ipBlock.except ?? []).entries()) blocks.push([cidr, at.child('except').index(i)])
  for (const [cidr, where] of blocks)
    if (!isCidr(cidr))
      errors.push(where.invalid(cidr, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'))
  return errors
}

/** `10.9.8.0/24`, of either family. */
export function isCidr(text: string): boolean {
  const [address = '', bits = '', ...more] = text.split('/')
  const family = isIP(address)
  return family !== 0 && more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32)
}

const mostEndpoints = 1000
const mostPorts = 20_000

function sizes(endpoints: number, ports: number): FieldError[] {
  const tooMany = (field: string, is: number, most: number): FieldError[] =>
    is > most ? [{ type: 'FieldValueTooMany', field, message: `Too many: ${is}: must have at most ${most} items` }] : []
  return [...tooMany('endpoints', endpoints, mostEndpoints), ...tooMany('ports', ports, mostPorts)]
}

/** kubernetes.io, "EndpointSlices": addresses of one family, which the slice keeps for life. */
export const endpointSliceStrategy: Strategy<EndpointSlice> = {
  validate(_context, object) {
    const { addressType, endpoints, ports, metadata } = object
    const own = isOwnService(metadata.namespace, metadata.labels?.['kubernetes.io/service-name'])
    const errors: FieldError[] = []
    if (!addressType) errors.push(fieldPath('addressType').required())
    else if (!families.includes(addressType)) errors.push(fieldPath('addressType').notSupported(addressType, families))
    const family = addressType === 'IPv4' ? 4 : 6
    errors.push(...sizes(endpoints?.length ?? 0, ports?.length ?? 0))
    const isNumeric = addressType === 'IPv4' || addressType === 'IPv6'
    const judge = (address: string, at: FieldPath): FieldError[] =>
      isIP(address) === family
        ? endpointAddress(address, at, own)
        : [at.invalid(address, `must be an ${addressType} address`)]
    for (const [i, { addresses, hostname }] of (endpoints ?? []).entries()) {
      const at = fieldPath('endpoints').index(i)
      if (hostname) errors.push(...isDns1123Label(hostname).map((w) => at.child('hostname').invalid(hostname, w)))
      const list = at.child('addresses')
      if (!addresses?.length) errors.push(list.required('must contain at least 1 address'))
      else if (isNumeric) errors.push(...addresses.flatMap((address, j) => judge(address, list.index(j))))
    }
    const names = new Set<string>()
    for (const [i, { name = '', protocol }] of (ports ?? []).entries()) {
      const at = fieldPath('ports').index(i)
      if (names.has(name)) errors.push(at.child('name').duplicate(name))
      names.add(name)
      if (protocol && !protocols.includes(protocol)) errors.push(at.child('protocol').notSupported(protocol, protocols))
    }
    return errors
  },
  validateUpdate: (_context, object, old) =>
    immutable(object['addressType'], old['addressType'], fieldPath('addressType')),
}
