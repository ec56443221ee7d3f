import type { ResourceRequirements } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isQualifiedName } from '../../../../../src-kube/machinery/names.ts'
import { ownValue } from '../../../../../src-kube/machinery/own-value.ts'
import { milliValue } from '../../../../../src-kube/machinery/quantity.ts'
import { isStandard } from '../quota.ts'

/** kubernetes.io, "Resource Management for Pods and Containers": quantities, and requests that their limits allow. */
export function validateResources(resources: ResourceRequirements, path: FieldPath, errors: FieldError[]): void {
  const { limits, requests } = resources
  if (limits) validateList(limits, path, 'limits', errors)
  if (!requests) return
  validateList(requests, path, 'requests', errors)
  for (const name in requests) {
    const request = requests[name]!
    const limit = ownValue(limits, name)
    const extended = isOwnKind(name)
    if (limit === undefined) {
      if (extended) errors.push(path.child('limits').required('Limit must be set for non overcommitable resources'))
    } else if (milliValue(request) > milliValue(limit))
      errors.push(path.child('requests').invalid(request, `must be less than or equal to ${name} limit of ${limit}`))
    else if (extended && milliValue(request) !== milliValue(limit))
      errors.push(path.child('requests').invalid(request, `must be equal to ${name} limit of ${limit}`))
  }
  if (asksForHugePages(resources) && !has(resources, 'cpu') && !has(resources, 'memory'))
    errors.push(path.forbidden('HugePages require cpu or memory'))
}

/** One list of quantities; used for limits, requests and the overhead of a pod. */
export function validateList(list: Record<string, string>, path: FieldPath, part: string, errors: FieldError[]): void {
  for (const name in list) {
    if (name !== 'cpu' && name !== 'memory') validateResourceName(name, path.child(part).key(name), errors)
    const milli = milliValue(list[name])
    if (milli < 0) errors.push(path.child(part).key(name).invalid(list[name], 'must be greater than or equal to 0'))
    if (milli % 1000 !== 0 && isExtended(name))
      errors.push(path.child(part).key(name).invalid(list[name], 'must be an integer'))
  }
}

/** A container has the standard resources, huge pages of any size, and those that a domain names. */
export function validateResourceName(name: string, at: FieldPath, errors: FieldError[]): void {
  for (const word of isQualifiedName(name)) errors.push(at.invalid(name, word))
  if (name.includes('/') || name === 'ephemeral-storage' || name.startsWith('hugepages-')) return
  if (!isStandard(name)) errors.push(at.invalid(name, 'must be a standard resource type or fully qualified'))
  errors.push(at.invalid(name, 'must be a standard resource for containers'))
}

/** Devices and the like: counted in whole pieces, outside `kubernetes.io`. */
export function isExtended(name: string): boolean {
  return name.includes('/') && !/(^|\.)kubernetes\.io\//.test(name)
}

/** What is never promised twice, so that request and limit are one number. */
function isOwnKind(name: string): boolean {
  return name !== 'cpu' && name !== 'memory' && (name.startsWith('hugepages-') || isExtended(name))
}

function asksForHugePages({ limits, requests }: ResourceRequirements): boolean {
  for (const name in limits) if (name.startsWith('hugepages-')) return true
  for (const name in requests) if (name.startsWith('hugepages-')) return true
  return false
}

function has({ limits, requests }: ResourceRequirements, name: string): boolean {
  return limits?.[name] !== undefined || requests?.[name] !== undefined
}
