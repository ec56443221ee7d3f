import { isIP } from 'node:net'
import type { Endpoint, EndpointPort, EndpointSlice, ForZone } from '#types/discovery.k8s.io/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import {
  isDns1123Label,
  isDns1123Subdomain,
  isLabelValue,
  isQualifiedName,
} from '../../../../src-kube/machinery/names.ts'
import type { Strategy } from '../strategy.ts'
import { endpointAddress, isOwnService } from './addresses.ts'
import { immutable } from './checks.ts'
import { validateLabels } from './metadata.ts'

const families = ['FQDN', 'IPv4', 'IPv6']
const protocols = ['SCTP', 'TCP', 'UDP']
const most = { endpoints: 1000, ports: 20_000, addresses: 100, hints: 8, topology: 16 }

/** kubernetes.io, "EndpointSlices": addresses of one family, which the slice keeps for life. */
export const endpointSliceStrategy: Strategy<EndpointSlice> = {
  validate(_context, { addressType, endpoints, ports, metadata }) {
    const isOwn = isOwnService(metadata.namespace, metadata.labels?.['kubernetes.io/service-name'])
    const errors: FieldError[] = []
    if (!addressType) errors.push(fieldPath('addressType').required())
    else if (!families.includes(addressType)) errors.push(fieldPath('addressType').notSupported(addressType, families))
    errors.push(...tooMany(endpoints, most.endpoints, fieldPath('endpoints')))
    errors.push(...tooMany(ports, most.ports, fieldPath('ports')))
    for (const [i, endpoint] of (endpoints ?? []).entries())
      errors.push(...validateEndpoint(endpoint, { addressType, isOwn }, fieldPath('endpoints').index(i)))
    return [...errors, ...validatePorts(ports ?? [], fieldPath('ports'))]
  },
  validateUpdate: (_context, object, old) => immutable(object.addressType, old.addressType, fieldPath('addressType')),
}

function tooMany(items: readonly unknown[] | undefined, limit: number, path: FieldPath): FieldError[] {
  const count = items?.length ?? 0
  const message = `Too many: ${count}: must have at most ${limit} items`
  return count > limit ? [{ type: 'FieldValueTooMany', field: String(path), message }] : []
}

interface SliceFacts {
  addressType: string
  /** Of the API server's own service. */
  isOwn: boolean
}

/** What clients send may lack what the type has. */
function validateEndpoint(endpoint: Partial<Endpoint>, slice: SliceFacts, at: FieldPath): FieldError[] {
  const { addresses = [], hostname, nodeName, deprecatedTopology, hints } = endpoint
  const list = at.child('addresses')
  const errors = addresses.length === 0 ? [list.required('must contain at least 1 address')] : []
  errors.push(...tooMany(addresses, most.addresses, list))
  errors.push(...addresses.flatMap((address, i) => validateAddress(address, slice, list.index(i))))
  if (nodeName !== undefined)
    errors.push(...isDns1123Subdomain(nodeName).map((words) => at.child('nodeName').invalid(nodeName, words)))
  const topology = at.child('deprecatedTopology')
  errors.push(...tooMany(Object.keys(deprecatedTopology ?? {}), most.topology, topology))
  errors.push(...validateLabels(deprecatedTopology, topology))
  if (hostname) errors.push(...isDns1123Label(hostname).map((words) => at.child('hostname').invalid(hostname, words)))
  if (!hints) return errors
  const [zones, nodes] = [at.child('hints', 'forZones'), at.child('hints', 'forNodes')]
  return [
    ...errors,
    ...validateHints(hints.forZones, isLabelValue, zones),
    ...validateHints(hints.forNodes, isDns1123Subdomain, nodes),
  ]
}

function validateAddress(address: string, { addressType, isOwn }: SliceFacts, at: FieldPath): FieldError[] {
  if (addressType === 'FQDN') return validateDomain(address, at)
  if (addressType !== 'IPv4' && addressType !== 'IPv6') return []
  if (isIP(address) === (addressType === 'IPv4' ? 4 : 6)) return endpointAddress(address, at, isOwn)
  return [at.invalid(address, `must be an ${addressType} address`)]
}

/** A name of two labels at least, which a dot may close. */
function validateDomain(address: string, at: FieldPath): FieldError[] {
  const name = address.replace(/\.$/, '')
  const errors = isDns1123Subdomain(name).map((words) => at.invalid(name, words))
  if (errors.length > 0 || name.includes('.')) return errors
  return [at.invalid(name, 'should be a domain with at least two segments separated by dots')]
}

function validateHints(
  hints: readonly ForZone[] = [],
  judge: (name: string) => string[],
  path: FieldPath,
): FieldError[] {
  const names = new Set<string>()
  return [
    ...tooMany(hints, most.hints, path),
    ...hints.flatMap(({ name }, i) => {
      const at = path.index(i).child('name')
      const errors = names.has(name) ? [at.duplicate(name)] : []
      names.add(name)
      return [...errors, ...judge(name).map((words) => at.invalid(name, words))]
    }),
  ]
}

function validatePorts(ports: readonly EndpointPort[], path: FieldPath): FieldError[] {
  const names = new Set<string>()
  return ports.flatMap(({ name = '', protocol, appProtocol }, i) => {
    const at = path.index(i)
    const errors = name ? isDns1123Label(name).map((words) => at.child('name').invalid(name, words)) : []
    if (names.has(name)) errors.push(at.child('name').duplicate(name))
    names.add(name)
    if (protocol && !protocols.includes(protocol)) errors.push(at.child('protocol').notSupported(protocol, protocols))
    if (appProtocol)
      errors.push(...isQualifiedName(appProtocol).map((words) => at.child('appProtocol').invalid(appProtocol, words)))
    return errors
  })
}
