import { badRequest, StatusError } from '../../../src-kube/machinery/errors.ts'
import type { UserInfo } from '../admission/admission.ts'
import type { AccessAttributes, Authenticator, Decision } from './auth/auth.ts'
import { ISSUER } from './auth/service-account-tokens.ts'
import type { VirtualResource } from './discovery.ts'

export interface ReviewOptions {
  authorize(attributes: AccessAttributes): Promise<Decision>
  authenticate: Authenticator
  rulesFor(user: UserInfo, namespace: string): Promise<{ resourceRules: object[]; nonResourceRules: object[] }>
}

/** Resources that answer a POST and store nothing (kubernetes.io, "Authorization Overview: Checking API access"). */
export const reviewResources: readonly VirtualResource[] = [
  ...['SelfSubjectAccessReview', 'SelfSubjectRulesReview', 'SubjectAccessReview'].flatMap((kind) =>
    versions('authorization.k8s.io', kind, false),
  ),
  ...versions('authorization.k8s.io', 'LocalSubjectAccessReview', true),
  ...versions('authentication.k8s.io', 'TokenReview', false),
  {
    group: 'authentication.k8s.io',
    version: 'v1',
    plural: 'selfsubjectreviews',
    kind: 'SelfSubjectReview',
    namespaced: false,
  },
]

function versions(group: string, kind: string, namespaced: boolean): VirtualResource[] {
  return [{ group, version: 'v1', plural: `${kind.toLowerCase()}s`, kind, namespaced }]
}

interface ReviewSpec {
  resourceAttributes?: Partial<
    Record<'namespace' | 'verb' | 'group' | 'version' | 'resource' | 'subresource' | 'name', string>
  >
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
  if (typeof body !== 'object' || body === null) throw badRequest(`the request body is no ${kind}`)
  const spec = ((body as { spec?: ReviewSpec }).spec ?? {}) as ReviewSpec
  return { ...body, status: await statusOf(kind, spec, namespace, user, options) }
}

async function statusOf(
  kind: string,
  spec: ReviewSpec,
  namespace: string,
  user: UserInfo,
  options: ReviewOptions,
): Promise<object> {
  switch (kind) {
    case 'SelfSubjectAccessReview':
      return access(spec, user, options)
    case 'SubjectAccessReview':
    case 'LocalSubjectAccessReview': {
      if (!spec.user && !spec.groups?.length) throw badRequest('at least one of user or group must be specified')
      const local = kind === 'LocalSubjectAccessReview'
      if (local && spec.resourceAttributes?.namespace !== namespace)
        throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`)
      return access(
        spec,
        { name: spec.user ?? '', uid: spec.uid, groups: spec.groups ?? [], extra: spec.extra },
        options,
      )
    }
    case 'SelfSubjectRulesReview':
      return { ...(await options.rulesFor(user, spec.namespace ?? 'default')), incomplete: false }
    case 'SelfSubjectReview':
      return { userInfo: wire(user) }
    default:
      return token(spec, options)
  }
}

async function access(spec: ReviewSpec, user: UserInfo, options: ReviewOptions): Promise<object> {
  const resource = spec.resourceAttributes
  const path = spec.nonResourceAttributes
  if (!resource === !path)
    throw badRequest('exactly one of nonResourceAttributes or resourceAttributes must be specified')
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
  })
  return {
    allowed: decision.allowed,
    ...(decision.denied ? { denied: true } : {}),
    ...(decision.reason ? { reason: decision.reason } : {}),
  }
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
  if (!found) return { user: {}, error: refusal?.message ?? 'Unauthorized' }
  return { authenticated: true, user: wire(found), audiences }
}

function wire(user: UserInfo): object {
  return {
    username: user.name,
    ...(user.uid ? { uid: user.uid } : {}),
    groups: [...user.groups],
    ...(user.extra ? { extra: user.extra } : {}),
  }
}
