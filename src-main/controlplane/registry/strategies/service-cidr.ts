import { isIP } from 'node:net'
import type { IPAddress, ServiceCIDR } from '#types/networking.k8s.io/v1'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { Strategy } from '../strategy.ts'
import { immutable } from './checks.ts'
import { validateCidr } from './standard-addresses.ts'

const path = fieldPath('spec')

/** kubernetes.io, "Extend Service IP Ranges": one range of a family. */
export const serviceCidrStrategy: Strategy<ServiceCIDR> = {
  prepareForUpdate(context, object, old) {
    if (context.subresource === '') object['status'] = old['status']
    else object['spec'] = old['spec']
  },
  validate(_context, object) {
    const { cidrs = [] } = object.spec ?? {}
    const at = path.child('cidrs')
    if (cidrs.length === 0) return [at.required('at least one CIDR required')]
    if (cidrs.length > 2) return [at.invalid(cidrs, 'may only hold up to 2 values')]
    const errors = cidrs.flatMap((cidr, i) => validateCidr(cidr, at.index(i)))
    const [first = '', second] = cidrs
    if (second !== undefined && isIP(first.split('/')[0]!) === isIP(second.split('/')[0]!))
      errors.push(
        at.invalid(cidrs, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'),
      )
    return errors
  },
  validateUpdate: (_context, object, old) => immutable(object.spec?.cidrs, old.spec?.cidrs, path.child('cidrs')),
}

/** An address in use, named after itself; whose it is never changes. */
export const ipAddressStrategy: Strategy<IPAddress> = {
  validateName: (name) => (isIP(name) ? [] : ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']),
  validate(_context, object) {
    const ref = object.spec?.parentRef
    const at = path.child('parentRef')
    if (!ref) return [at.required()]
    return (['resource', 'name'] as const).filter((field) => !ref[field]).map((field) => at.child(field).required())
  },
  validateUpdate: (_context, object, old) =>
    immutable(object.spec?.parentRef, old.spec?.parentRef, path.child('parentRef')),
}
