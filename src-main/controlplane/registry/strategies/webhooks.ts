import type {
  MutatingWebhook,
  RuleWithOperations,
  ValidatingWebhook,
  WebhookClientConfig,
} from '#types/admissionregistration.k8s.io/v1'
import { matchVariables } from '../../../../src-kube/kinds/admissionregistration/expressions.ts'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isDns1123Subdomain, isDns1035Label } from '../../../../src-kube/machinery/names.ts'
import type { Strategy } from '../strategy.ts'
import { oneOf, portNumber, validateLabelSelector } from './checks.ts'
import { validateConditions } from './expressions.ts'

type Hook = Partial<ValidatingWebhook> & Pick<MutatingWebhook, 'reinvocationPolicy'>

const knownOperations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const scopes = ['*', 'Cluster', 'Namespaced']
const spoken = ['v1', 'v1beta1']
const SHORTEST = 1
const LONGEST = 30

/** kubernetes.io, "Dynamic Admission Control": what either kind of configuration must say of each webhook. */
export const webhooksStrategy: Strategy = {
  validate(_context, object) {
    const seen = new Set<string>()
    return ((object['webhooks'] ?? []) as Hook[]).flatMap((hook, i) => {
      const at = fieldPath('webhooks').index(i)
      const { name = '' } = hook
      const errors = validateName(name, at.child('name'))
      if (seen.has(name)) errors.push(at.child('name').duplicate(name))
      seen.add(name)
      return [...errors, ...validateHook(hook, at)]
    })
  },
}

function validateName(name: string, at: FieldPath): FieldError[] {
  if (!name) return [at.required()]
  const errors = isDns1123Subdomain(name).map((words) => at.invalid(name, words))
  if (errors.length === 0 && name.split('.').length < 3)
    errors.push(at.invalid(name, 'should be a domain with at least three segments separated by dots'))
  return errors
}

function validateHook(hook: Hook, at: FieldPath): FieldError[] {
  const { failurePolicy, matchPolicy, sideEffects, reinvocationPolicy, timeoutSeconds: seconds } = hook
  const errors = (hook.rules ?? []).flatMap((rule, i) => validateRule(rule, at.child('rules').index(i)))
  if (failurePolicy) errors.push(...oneOf(failurePolicy, ['Fail', 'Ignore'], at.child('failurePolicy')))
  if (matchPolicy) errors.push(...oneOf(matchPolicy, ['Equivalent', 'Exact'], at.child('matchPolicy')))
  if (reinvocationPolicy)
    errors.push(...oneOf(reinvocationPolicy, ['IfNeeded', 'Never'], at.child('reinvocationPolicy')))
  const allowed = ['None', 'NoneOnDryRun']
  if (!sideEffects) errors.push(at.child('sideEffects').required(`must specify one of ${allowed.join(', ')}`))
  else errors.push(...oneOf(sideEffects, allowed, at.child('sideEffects')))
  if (seconds !== undefined && (seconds < SHORTEST || seconds > LONGEST))
    errors.push(
      at
        .child('timeoutSeconds')
        .invalid(seconds, `the timeout value must be between ${SHORTEST} and ${LONGEST} seconds`),
    )
  return [
    ...errors,
    ...validateReviewVersions(hook.admissionReviewVersions ?? [], at.child('admissionReviewVersions')),
    ...validateLabelSelector(hook.namespaceSelector, at.child('namespaceSelector')),
    ...validateLabelSelector(hook.objectSelector, at.child('objectSelector')),
    ...validateClient(hook.clientConfig, at.child('clientConfig')),
    ...validateConditions(hook.matchConditions, { names: matchVariables }, at.child('matchConditions')),
  ]
}

/** Versions of AdmissionReview and ConversionReview: the two that there are have the same names. */
export function validateReviewVersions(versions: readonly string[], at: FieldPath): FieldError[] {
  if (versions.length === 0) return [at.required(`must specify one of ${spoken.join(', ')}`)]
  const errors: FieldError[] = []
  for (const [i, version] of versions.entries()) {
    if (versions.indexOf(version) < i) errors.push(at.index(i).invalid(version, 'duplicate version'))
    errors.push(...isDns1035Label(version).map((words) => at.index(i).invalid(version, words)))
  }
  return versions.some((version) => spoken.includes(version))
    ? errors
    : [...errors, at.invalid(versions, `must include at least one of ${spoken.join(', ')}`)]
}

/** Where a webhook is: a URL or a service. */
export function validateClient(config: WebhookClientConfig | undefined, at: FieldPath): FieldError[] {
  const { url, service } = config ?? {}
  if ((url === undefined) === (service === undefined)) return [at.required('exactly one of url or service is required')]
  if (url !== undefined) return validateUrl(url, at.child('url'))
  const errors: FieldError[] = []
  const where = at.child('service')
  if (!service!.name) errors.push(where.child('name').required('service name is required'))
  if (!service!.namespace) errors.push(where.child('namespace').required('service namespace is required'))
  const path = service!.path
  const port = portNumber(service!.port ?? 443, where.child('port')).map((error) => ({
    ...error,
    message: error.message.replace(': must', ': port is not valid: must'),
  }))
  return [...errors, ...port, ...(path === undefined ? [] : validatePath(path, where.child('path')))]
}

/** Segments of a path are names, none of them empty but the last. */
function validatePath(path: string, at: FieldPath): FieldError[] {
  const errors = path.startsWith('/') ? [] : [at.invalid(path, "must start with a '/'")]
  if (path === '/') return errors
  const segments = path.slice(1).replace(/\/$/, '').split('/')
  for (const [i, segment] of segments.entries())
    if (segment === '') errors.push(at.invalid(path, `segment[${i}] may not be empty`))
    else errors.push(...isDns1123Subdomain(segment).map((words) => at.invalid(path, `segment[${i}]: ${words}`)))
  return errors
}

/** The parts of a URL (RFC 3986, appendix B): scheme, authority, query, fragment. */
const URL_PARTS = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/s

/** Says of each part what is wrong with it, and shows that part (reference: apiserver's `ValidateWebhookURL`). */
function validateUrl(text: string, at: FieldPath): FieldError[] {
  const form = '; desired format: https://host[/path]'
  const [, scheme = '', authority = '', query, fragment] = URL_PARTS.exec(text) ?? []
  if (scheme === 'https' && authority !== '' && !URL.canParse(text))
    return [at.required(`url must be a valid URL: parse ${JSON.stringify(text)}: invalid URL${form}`)]
  const [host = '', user] = authority.split('@', 2).toReversed()
  const errors: FieldError[] = []
  if (scheme !== 'https') errors.push(at.invalid(scheme, `'https' is the only allowed URL scheme${form}`))
  if (host === '') errors.push(at.invalid(host, `host must be provided${form}`))
  if (user !== undefined) errors.push(at.invalid(user, 'user information is not permitted in the URL'))
  if (fragment) errors.push(at.invalid(fragment, 'fragments are not permitted in the URL'))
  if (query) errors.push(at.invalid(query, 'query parameters are not permitted in the URL'))
  return errors
}

/** A list of resources says nothing twice. */
function validateOverlap(list: readonly string[], at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (list.length > 1 && list.includes('*/*'))
    errors.push(at.invalid(list, "if '*/*' is present, must not specify other resources"))
  if (list.includes('*') && list.some((one) => one !== '*' && !one.includes('/')))
    errors.push(at.invalid(list, "if '*' is present, must not specify other resources without subresources"))
  return errors
}

/** Rules of webhooks and of admission policies. */
export function validateRule(rule: RuleWithOperations, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  for (const [field, what] of [
    ['apiGroups', 'groups'],
    ['apiVersions', 'versions'],
    ['resources', ''],
  ] as const) {
    const list = rule[field] ?? []
    const where = at.child(field)
    if (list.length === 0) errors.push(where.required())
    else if (what && list.length > 1 && list.includes('*'))
      errors.push(where.invalid(list, `if '*' is present, must not specify other API ${what}`))
    if (field === 'resources') errors.push(...validateOverlap(list, where))
    // The core group's name is empty.
    if (field !== 'apiGroups') errors.push(...list.flatMap((one, i) => (one ? [] : [where.index(i).required()])))
  }
  const operations = rule.operations ?? []
  const where = at.child('operations')
  if (operations.length === 0) errors.push(where.required())
  else if (operations.length > 1 && operations.includes('*'))
    errors.push(where.invalid(operations, "if '*' is present, must not specify other operations"))
  for (const [i, one] of operations.entries()) errors.push(...oneOf(one, knownOperations, where.index(i)))
  if (rule.scope) errors.push(...oneOf(rule.scope, scopes, at.child('scope')))
  return errors
}
