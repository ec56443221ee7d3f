import { aggregated, badRequest, invalid, StatusError, type FieldError } from '../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../src-kube/machinery/field-path.ts'
import { formatApiVersion } from '../../../src-kube/machinery/gvk.ts'
import { decode, schemaOf } from '../../../src-kube/machinery/schema/index.ts'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import type { UserInfo } from '../admission/admission.ts'
import { kindFault } from '../registry/other-kind.ts'
import type { AccessAttributes, Authenticator, Decision } from './auth/auth.ts'
import { isNode } from './auth/node-authorizer.ts'
import type { RulesOfUser } from './auth/rbac.ts'
import {
  fieldSelectorErrors,
  fieldSelectorText,
  labelSelectorErrors,
  selectorFaults,
  type ReviewSelector,
} from './auth/review-selectors.ts'
import { ISSUER } from './auth/service-account-tokens.ts'
import type { VirtualResource } from './discovery.ts'
import { summaryOf } from './verbs/sent-body.ts'

/** What answers reviews: the very things that the server itself goes by. */
export interface ReviewOptions {
  authorize(attributes: AccessAttributes): Promise<Decision>
  authenticate: Authenticator
  /** Milliseconds since the epoch. */
  now: number
  rulesFor(user: UserInfo, namespace: string): Promise<RulesOfUser>
}

/** Resources that answer a POST and store nothing (kubernetes.io, "Authorization Overview: Checking API access"). */
export const reviewResources: readonly VirtualResource[] = [
  reviewOf('authorization.k8s.io', 'SelfSubjectAccessReview'),
  reviewOf('authorization.k8s.io', 'SelfSubjectRulesReview'),
  reviewOf('authorization.k8s.io', 'SubjectAccessReview'),
  { ...reviewOf('authorization.k8s.io', 'LocalSubjectAccessReview'), namespaced: true },
  reviewOf('authentication.k8s.io', 'TokenReview'),
  reviewOf('authentication.k8s.io', 'SelfSubjectReview'),
]

function reviewOf(group: string, kind: string): VirtualResource {
  return { group, version: 'v1', plural: `${kind.toLowerCase()}s`, kind, namespaced: false }
}

interface ReviewSpec {
  resourceAttributes?: Partial<
    Record<'namespace' | 'verb' | 'group' | 'version' | 'resource' | 'subresource' | 'name', string>
  > & { fieldSelector?: ReviewSelector; labelSelector?: ReviewSelector }
  nonResourceAttributes?: { path?: string; verb?: string }
  user?: string
  uid?: string
  groups?: string[]
  extra?: Record<string, string[]>
  namespace?: string
  token?: string
  audiences?: string[]
}

/** Fills in the status of a review. */
export async function review(
  kind: string,
  body: unknown,
  namespace: string,
  user: UserInfo,
  options: ReviewOptions,
): Promise<object> {
  const { group, version, namespaced } = reviewResources.find((one) => one.kind === kind)!
  const made = { kind, apiVersion: formatApiVersion(group, version) }
  const { metadata, spec } = sentReview(made, body)
  if (namespaced) settleNamespace(metadata, namespace)
  refuseInvalid([...specErrors(kind, spec), ...metadataErrors(kind, metadata), ...localErrors(kind, spec, namespace)])
  const status = await statusOf(kind, spec, user, options)
  if (kind === 'SelfSubjectReview') metadata.creationTimestamp = formatTime(options.now)
  return { ...made, metadata, ...(kind === 'SelfSubjectReview' ? {} : { spec }), status }
}

interface SentReview {
  metadata: { namespace?: string; creationTimestamp?: string }
  spec: ReviewSpec
}

/** Throws 400 for a body that is no such review. */
function sentReview({ kind, apiVersion }: { kind: string; apiVersion: string }, body: unknown): SentReview {
  const unrecognized = (words: string): StatusError =>
    badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${words}`,
    )
  if (body === undefined) throw unrecognized('unexpected end of JSON input (<empty>)')
  const fault = kindFault(body ?? {})
  if (fault) throw unrecognized(`json: cannot unmarshal ${fault} (${summaryOf(Buffer.from(JSON.stringify(body)))})`)
  const sent = { ...(body as Partial<SentReview> & { kind?: string; apiVersion?: string }) }
  if ((sent.kind || kind) !== kind || (sent.apiVersion || apiVersion) !== apiVersion)
    throw badRequest(
      `${sent.kind || kind} in version ${JSON.stringify((sent.apiVersion || apiVersion).split('/').at(-1))} cannot be handled as a ${kind}`,
    )
  const { metadata = {}, spec = {} } = decode(
    typeof body === 'object' && !Array.isArray(body) ? sent : body,
    schemaOf(apiVersion, kind),
  ).object as Partial<SentReview>
  return { metadata, spec }
}

/** A local review is of the namespace of its path. */
function settleNamespace(metadata: SentReview['metadata'], namespace: string): void {
  if (metadata.namespace && metadata.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  metadata.namespace = namespace
}

async function statusOf(kind: string, spec: ReviewSpec, user: UserInfo, options: ReviewOptions): Promise<object> {
  switch (kind) {
    case 'SelfSubjectAccessReview':
      return access(spec, user, options)
    case 'SubjectAccessReview':
    case 'LocalSubjectAccessReview':
      return access(
        spec,
        { name: spec.user ?? '', uid: spec.uid, groups: spec.groups ?? [], extra: spec.extra },
        options,
      )
    case 'SelfSubjectRulesReview':
      if (!spec.namespace) throw badRequest('no namespace on request')
      return rules(user, await options.rulesFor(user, spec.namespace))
    case 'SelfSubjectReview':
      return { userInfo: wire(user) }
    default:
      return token(spec, options)
  }
}

const path = fieldPath('spec')

/** Upstream forgets of which kind the review was. */
function refuseInvalid(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: 'authorization.k8s.io', kind: '' }, '', errors)
}

function specErrors(kind: string, spec: ReviewSpec): FieldError[] {
  if (!kind.endsWith('AccessReview')) return []
  const errors = [...oneOfErrors(spec), ...(kind === 'SelfSubjectAccessReview' ? [] : subjectErrors(spec))]
  const { fieldSelector, labelSelector } = spec.resourceAttributes ?? {}
  const at = path.child('resourceAttributes')
  return [
    ...errors,
    ...fieldSelectorErrors(fieldSelector, at.child('fieldSelector')),
    ...labelSelectorErrors(labelSelector, at.child('labelSelector')),
  ]
}

/** Nothing is stored, so nothing has a name; a namespace is that of the path, and clients send times that are null. */
function metadataErrors(kind: string, metadata: unknown): FieldError[] {
  if (!kind.endsWith('AccessReview') || typeof metadata !== 'object' || metadata === null) return []
  const words = kind === 'LocalSubjectAccessReview' ? 'must be empty except for namespace' : 'must be empty'
  const isSet = ([name, value]: [string, unknown]): boolean =>
    name !== 'namespace' && name !== 'managedFields' && value !== null && value !== ''
  return Object.entries(metadata).some(isSet) ? [fieldPath('metadata').invalid(metadata, words)] : []
}

/** One thing is asked of: a resource, or a path. */
function oneOfErrors({ resourceAttributes, nonResourceAttributes }: ReviewSpec): FieldError[] {
  const words = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
  if (resourceAttributes && nonResourceAttributes)
    return [
      path
        .child('nonResourceAttributes')
        .invalid(nonResourceAttributes, `cannot be specified in combination with resourceAttributes`),
    ]
  if (resourceAttributes || nonResourceAttributes) return []
  return [path.child('resourceAttributes').invalid('null', words)]
}

const subjectErrors = ({ user, groups }: ReviewSpec): FieldError[] =>
  user || groups?.length ? [] : [path.child('user').invalid('', 'at least one of user or group must be specified')]

/** A local review is of resources in the namespace of its path. */
function localErrors(kind: string, spec: ReviewSpec, namespace: string): FieldError[] {
  if (kind !== 'LocalSubjectAccessReview') return []
  const errors: FieldError[] = []
  const { resourceAttributes, nonResourceAttributes } = spec
  if (resourceAttributes && resourceAttributes.namespace !== namespace)
    errors.push(
      path
        .child('resourceAttributes', 'namespace')
        .invalid(resourceAttributes.namespace ?? '', 'must match metadata.namespace'),
    )
  if (nonResourceAttributes)
    errors.push(
      path.child('nonResourceAttributes').invalid(nonResourceAttributes, 'disallowed on this kind of request'),
    )
  return errors
}

async function access(spec: ReviewSpec, user: UserInfo, options: ReviewOptions): Promise<object> {
  const resource = spec.resourceAttributes
  const path = spec.nonResourceAttributes
  const faults = selectorFaults(resource?.fieldSelector, resource?.labelSelector)
  const decision = await options.authorize({
    user,
    verb: resource?.verb ?? path?.verb ?? '',
    group: resource?.group ?? '',
    version: resource?.version ?? '',
    resource: resource?.resource ?? '',
    subresource: resource?.subresource ?? '',
    namespace: resource?.namespace ?? '',
    name: resource?.name ?? '',
    path: path?.path ?? '',
    fieldSelector: fieldSelectorText(resource?.fieldSelector),
  })
  return {
    allowed: decision.allowed,
    ...(decision.denied ? { denied: true } : {}),
    ...(decision.reason ? { reason: decision.reason } : {}),
    ...(faults ? { evaluationError: faults } : {}),
  }
}

/** Roles list what they allow; what a node may do beside them follows from its pods. */
function rules(user: UserInfo, { missing, ...found }: RulesOfUser): object {
  const incomplete = isNode(user)
  const faults = [...(incomplete ? ['node authorizer does not support user rule resolution'] : []), ...missing]
  return { ...found, incomplete, ...(faults.length > 0 ? { evaluationError: aggregated(faults) } : {}) }
}

/** The audiences are those of the question that the token is meant for; the API server's own when none was asked for. */
async function token(spec: ReviewSpec, { authenticate }: ReviewOptions): Promise<object> {
  if (!spec.token) throw badRequest('token is required for TokenReview in authentication')
  const credentials = { certificate: undefined, token: spec.token, impersonate: undefined }
  const audiences: string[] = []
  let found: UserInfo | undefined
  let refusal: StatusError | undefined
  for (const audience of spec.audiences?.length ? spec.audiences : [ISSUER]) {
    try {
      const user = await authenticate({ ...credentials, audiences: [audience] })
      if (!user) continue
      found = user
      audiences.push(audience)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      refusal = error
    }
  }
  if (!found) return { user: {}, error: wordsOf(refusal) }
  return { authenticated: true, user: wire(found), audiences }
}

/** What a token is refused with when nobody says more. */
const wordsOf = (refusal: StatusError | undefined): string =>
  refusal === undefined || refusal.message === 'Unauthorized' ? 'invalid bearer token' : refusal.message

function wire(user: UserInfo): object {
  return {
    username: user.name,
    ...(user.uid ? { uid: user.uid } : {}),
    groups: [...user.groups],
    ...(user.extra ? { extra: user.extra } : {}),
  }
}
