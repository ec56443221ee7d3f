import type { AccessAttributes, Authorizer, Decision } from './auth.ts'

/**
 * Several authorizers as one: asked in order until one allows or denies (kubernetes.io, "Authorization Overview: Using configuration …").
 * Answers at once when all that were asked did.
 */
export function unionOf(authorizers: readonly Authorizer[]): Authorizer {
  const from = (start: number, attributes: AccessAttributes, before?: string): Decision | Promise<Decision> => {
    let reason = before
    for (let i = start; i < authorizers.length; i++) {
      const decision = authorizers[i]!(attributes)
      if (decision instanceof Promise)
        return decision.then((late) => (settles(late) ? late : from(i + 1, attributes, both(reason, late.reason))))
      if (settles(decision)) return decision
      reason = both(reason, decision.reason)
    }
    return { allowed: false, ...(reason ? { reason } : {}) }
  }
  return (attributes) => from(0, attributes)
}

/** Whoever is refused reads what each had to say, a line each. */
const both = (before: string | undefined, reason: string | undefined): string | undefined =>
  before && reason ? `${before}\n${reason}` : before || reason

const settles = ({ allowed, denied }: Decision): boolean => allowed || denied === true
