import { BlockList, isIP } from 'node:net'
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '#types/networking.k8s.io/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { Strategy } from '../strategy.ts'
import { validateCidr } from './standard-addresses.ts'
import { portNumber, portReference, validateLabelSelector } from './checks.ts'

const protocols = ['TCP', 'UDP', 'SCTP']

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
        errors.push(path.child('policyTypes').index(i).notSupported(type, ['Ingress', 'Egress']))
    return errors
  },
}

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (protocol !== undefined && !protocols.includes(protocol))
    errors.push(path.child('protocol').notSupported(protocol, protocols))
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
  errors.push(...validateBlock(ipBlock, path.child('ipBlock')))
  if (podSelector || namespaceSelector) errors.push(path.forbidden('may not specify both ipBlock and another peer'))
  return errors
}

function validateBlock({ cidr, except = [] }: IPBlock, path: FieldPath): FieldError[] {
  if (!cidr) return [path.child('cidr').required()]
  const errors = validateCidr(cidr, path.child('cidr'))
  if (!isCidr(cidr)) return errors
  for (const [i, part] of except.entries()) {
    const at = path.child('except').index(i)
    errors.push(...validateCidr(part, at))
    if (isCidr(part) && !isWithin(part, cidr)) errors.push(at.invalid(part, 'must be a strict subset of `cidr`'))
  }
  return errors
}

/** Whether a network is a part of another, and not all of it. */
function isWithin(inner: string, outer: string): boolean {
  const [[address = '', length], [around = '', most]] = [inner.split('/'), outer.split('/')]
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  if (isIP(address) !== isIP(around) || Number(length) <= Number(most)) return false
  const network = new BlockList()
  network.addSubnet(around, Number(most), family)
  return network.check(address, family)
}

/** `10.9.8.0/24`, of either family. */
function isCidr(text: string): boolean {
  const [address = '', bits = '', ...more] = text.split('/')
  const family = isIP(address)
  return family !== 0 && more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32)
}
