import type { EndpointAddress, EndpointPort, Endpoints } from '#types/core/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isDns1123Label, isDns1123Subdomain, isQualifiedName } from '../../../../src-kube/machinery/names.ts'
import type { Strategy } from '../strategy.ts'
import { endpointAddress, isOwnService } from './addresses.ts'
import { oneOf, portNumber } from './checks.ts'

/** Endpoints, the form before slices: subsets of addresses that share ports. They have no status and may be created by PUT. */
export const endpointsStrategy: Strategy<Endpoints> = {
  allowCreateOnUpdate: true,
  validate(_context, object) {
    const own = isOwnService(object.metadata.namespace, object.metadata.name)
    return (object.subsets ?? []).flatMap((subset, i) => {
      const at = fieldPath('subsets').index(i)
      const { addresses = [], notReadyAddresses = [], ports = [] } = subset
      const errors: FieldError[] =
        addresses.length + notReadyAddresses.length === 0
          ? [at.required('must specify `addresses` or `notReadyAddresses`')]
          : []
      for (const [field, list] of Object.entries({ addresses, notReadyAddresses }))
        for (const [j, address] of list.entries())
          errors.push(...validateAddress(address, at.child(field).index(j), own))
      for (const [j, port] of ports.entries())
        errors.push(...validatePort(port, ports.length > 1, at.child('ports').index(j)))
      return errors
    })
  },
}

function validateAddress({ ip, hostname, nodeName }: EndpointAddress, at: FieldPath, own: boolean): FieldError[] {
  const errors = hostname ? isDns1123Label(hostname).map((words) => at.child('hostname').invalid(hostname, words)) : []
  if (nodeName !== undefined)
    errors.push(...isDns1123Subdomain(nodeName).map((words) => at.child('nodeName').invalid(nodeName, words)))
  return [...endpointAddress(ip ?? '', at.child('ip'), own), ...errors]
}

function validatePort(
  { name, port, protocol, appProtocol }: EndpointPort,
  named: boolean,
  at: FieldPath,
): FieldError[] {
  const errors: FieldError[] = []
  if (named && !name) errors.push(at.child('name').required())
  if (name) errors.push(...isDns1123Label(name).map((words) => at.child('name').invalid(name, words)))
  return [
    ...errors,
    ...portNumber(port, at.child('port')),
    ...oneOf(protocol, ['SCTP', 'TCP', 'UDP'], at.child('protocol')),
    ...(appProtocol === undefined ? [] : isQualifiedName(appProtocol)).map((words) =>
      at.child('appProtocol').invalid(appProtocol, words),
    ),
  ]
}
