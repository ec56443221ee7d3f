import type { Authenticator, Decision } from '../auth/auth.ts'
import type { ServedResource } from '../resources.ts'
import type { Trail } from './trail.ts'

/** The same, telling the trail whom it found: whoever impersonates is told of as who they are. */
export function heard(authenticate: Authenticator, trail: Trail): Authenticator {
  return async (credentials) => {
    const user = await authenticate(credentials)
    if (user) trail.from(user)
    return user
  }
}

/** Who decided, and why (kubernetes.io, "Audit Annotations"). */
export function noteDecision(trail: Trail, { allowed, reason = '' }: Decision): void {
  trail.annotate('authorization.k8s.io/decision', allowed ? 'allow' : 'forbid')
  trail.annotate('authorization.k8s.io/reason', reason)
}

/** A version that is to go, and the release in which it did upstream. */
export function noteDeprecation(trail: Trail | undefined, { served }: ServedResource): void {
  if (!trail || !served.deprecated) return
  trail.annotate('k8s.io/deprecated', 'true')
  trail.annotate('k8s.io/removed-release', served.deprecated.removed.replace(/^v/, ''))
}
