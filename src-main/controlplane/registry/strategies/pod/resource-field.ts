import type { ResourceFieldSelector } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'

const resources = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]
const HUGE_PAGES = /^(limits|requests)\.hugepages-/
const cores = ['1m', '1']
const bytes = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']

/** A container's resources, given to it as a file, which says of which container; otherwise as {@link validateResourceField}. */
export function validateResourceFile(selector: Partial<ResourceFieldSelector>, path: FieldPath): FieldError[] {
  if (!selector.containerName) return [path.child('containerName').required()]
  return validateResourceField(selector, path)
}

/** A container's resources, given to it as a variable (kubernetes.io, "Downward API: Information available via resourceFieldRef"). */
export function validateResourceField(
  { resource, divisor }: Partial<ResourceFieldSelector>,
  path: FieldPath,
): FieldError[] {
  if (!resource) return [path.child('resource').required()]
  const supported = resources.includes(resource) || HUGE_PAGES.test(resource)
  const errors = supported ? [] : [path.child('resource').notSupported(resource, resources)]
  return [...errors, ...validateDivisor(resource, divisor, path.child('divisor'))]
}

/** What amounts are counted in; nothing is what is not said. */
function validateDivisor(resource: string, divisor = '0', path: FieldPath): FieldError[] {
  const [, name = ''] = /^(?:limits|requests)\.(cpu|memory|ephemeral-storage|hugepages)/.exec(resource) ?? []
  const known = name === 'cpu' ? cores : bytes
  if (name === '' || divisor === '0' || known.includes(divisor)) return []
  const units = name === 'cpu' ? known.join(' and ') : known.join(', ')
  const what = name === 'ephemeral-storage' ? 'local ephemeral storage' : name
  return [path.invalid(resource, `only divisor's values ${units} are supported with the ${what} resource`)]
}
