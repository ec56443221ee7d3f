import type {
  DeviceClaimConfiguration,
  DeviceConstraint,
  DeviceRequest,
  DeviceSubRequest,
  ExactDeviceRequest,
  ResourceClaimSpec,
} from '#types/resource.k8s.io/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1123Label, isDns1123Subdomain } from '../../../../../src-kube/machinery/names.ts'
import { MOST_ENTRIES, tooMany, validateConfiguration, validateSelectors } from './selectors.ts'

const MOST_ALTERNATIVES = 8
const KINDS = '`exactly` or `firstAvailable`'

/** What a claim, or a template of claims, asks for (kubernetes.io, "Dynamic Resource Allocation"). */
export function validateClaimSpec({ devices }: ResourceClaimSpec, path: FieldPath): FieldError[] {
  const at = path.child('devices')
  const { requests = [], constraints = [], config = [] } = devices ?? {}
  const names = namesOf(requests)
  return [
    ...tooMany(requests, MOST_ENTRIES, at.child('requests')),
    ...repeated(requests, at.child('requests')),
    ...requests.flatMap((request, i) => validateRequest(request, at.child('requests').index(i))),
    ...tooMany(constraints, MOST_ENTRIES, at.child('constraints')),
    ...constraints.flatMap((one, i) => validateConstraint(one, names, at.child('constraints').index(i))),
    ...tooMany(config, MOST_ENTRIES, at.child('config')),
    ...config.flatMap((one, i) => validateClaimConfiguration(one, names, at.child('config').index(i))),
  ]
}

/** Names by which requests, and the alternatives of a request, are spoken of. */
function namesOf(requests: readonly DeviceRequest[]): ReadonlySet<string> {
  return new Set(
    requests.flatMap(({ name, firstAvailable = [] }) => [name, ...firstAvailable.map((sub) => `${name}/${sub.name}`)]),
  )
}

function repeated(list: ReadonlyArray<{ name?: string | undefined }>, path: FieldPath): FieldError[] {
  return list.flatMap(({ name }, i) =>
    name && list.findIndex((other) => other.name === name) < i ? [path.index(i).duplicate(name)] : [],
  )
}

function validateName(name: string | undefined, path: FieldPath): FieldError[] {
  return name ? isDns1123Label(name).map((words) => path.invalid(name, words)) : [path.required()]
}

function validateRequest({ name, exactly, firstAvailable }: DeviceRequest, path: FieldPath): FieldError[] {
  const errors = validateName(name, path.child('name'))
  const listed = (firstAvailable?.length ?? 0) > 0
  if (exactly && listed)
    errors.push(path.invalid(null, `exactly one of ${KINDS} is required, but multiple fields are set`))
  else if (!exactly && !listed) errors.push(path.required(`exactly one of ${KINDS} is required`))
  if (exactly) errors.push(...validateAsk(exactly, path.child('exactly')))
  const at = path.child('firstAvailable')
  errors.push(...tooMany(firstAvailable, MOST_ALTERNATIVES, at), ...repeated(firstAvailable ?? [], at))
  for (const [i, sub] of (firstAvailable ?? []).entries())
    errors.push(...validateName(sub.name, at.index(i).child('name')), ...validateAsk(sub, at.index(i)))
  return errors
}

function validateAsk(ask: ExactDeviceRequest | DeviceSubRequest, path: FieldPath): FieldError[] {
  const { deviceClassName: name, selectors, allocationMode: mode, count = 0 } = ask
  const at = path.child('deviceClassName')
  const errors = name ? isDns1123Subdomain(name).map((words) => at.invalid(name, words)) : [at.required()]
  errors.push(...validateSelectors(selectors, path.child('selectors')))
  if (mode === 'All' && count !== 0)
    errors.push(path.child('count').invalid(count, "must not be specified when allocationMode is 'All'"))
  else if (mode === 'ExactCount' && count <= 0)
    errors.push(path.child('count').invalid(count, 'must be greater than zero'))
  else if (mode !== 'All' && mode !== 'ExactCount')
    errors.push(path.child('allocationMode').notSupported(mode, ['All', 'ExactCount']))
  return errors
}

function validateReferences(
  list: readonly string[] | undefined,
  names: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  const words = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"
  return [
    ...tooMany(list, MOST_ENTRIES, path),
    ...(list ?? []).flatMap((name, i) => (names.has(name) ? [] : [path.index(i).invalid(name, words)])),
  ]
}

function validateConstraint(one: DeviceConstraint, names: ReadonlySet<string>, path: FieldPath): FieldError[] {
  const { requests, matchAttribute, distinctAttribute } = one
  const errors = validateReferences(requests, names, path.child('requests'))
  const given = matchAttribute ?? distinctAttribute
  const at = path.child(
    matchAttribute === undefined && distinctAttribute !== undefined ? 'distinctAttribute' : 'matchAttribute',
  )
  if (!given) return [...errors, at.required('name required')]
  return given.includes('/') ? errors : [...errors, at.invalid(given, 'must include a domain')]
}

function validateClaimConfiguration(
  one: DeviceClaimConfiguration,
  names: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  return [...validateReferences(one.requests, names, path.child('requests')), ...validateConfiguration(one, path)]
}
