import { isIP } from 'node:net'
import type { ServiceCIDR } from '#types/networking.k8s.io/v1'
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
