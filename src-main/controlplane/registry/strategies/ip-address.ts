import { isIP } from 'node:net'
import type { IPAddress } from '#types/networking.k8s.io/v1'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { Strategy } from '../strategy.ts'
import { immutable } from './checks.ts'
import type { ServiceAllocation } from './service/allocation.ts'

const path = fieldPath('spec', 'parentRef')

/**
 * An address in use, named after itself; whose it is never changes (kubernetes.io, "Extend Service IP Ranges"). What somebody keeps for other
 * ends no service is given.
 */
export function ipAddressStrategy(allocation: ServiceAllocation): Strategy<IPAddress> {
  /** Whether changes are followed, by which a deleted one is free already when its delete returns, and may be another's. */
  let isFollowed = false
  return {
    validateName: (name) => (isIP(name) ? [] : ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']),
    validate(_context, object) {
      const ref = object.spec?.parentRef
      if (!ref) return [path.required()]
      return (['resource', 'name'] as const).filter((field) => !ref[field]).map((field) => path.child(field).required())
    },
    validateUpdate: (_context, object, old) => immutable(object.spec?.parentRef, old.spec?.parentRef, path),
    async allocate(_context, object, old) {
      allocation.followAddress(object, old)
      return () => allocation.followAddress(old, object)
    },
    release(object) {
      if (!isFollowed) allocation.followAddress(undefined, object)
    },
    follow(object, previous) {
      isFollowed = true
      allocation.followAddress(object, previous)
    },
  }
}
