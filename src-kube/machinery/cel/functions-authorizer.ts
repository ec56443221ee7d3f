import type { Functions, Overload } from './functions.ts'
import { dyn, type ObjectType } from './types.ts'
import { Opaque, type Value } from './values.ts'

/** What an expression asks whether somebody may do; a path alone, or a resource. */
export interface AccessQuestion {
  verb: string
  /** Of a request that is for no resource. */
  path?: string
  group?: string
  resource?: string
  subresource?: string
  namespace?: string
  name?: string
  fieldSelector?: string
  labelSelector?: string
}

/** What `authorizer` answers in an expression (kubernetes.io, "CEL in Kubernetes: Kubernetes authorizer library"). */
export interface AccessAnswer {
  allowed: boolean
  reason: string
  /** Why it could not be answered. */
  error?: string
}

/**
 * Whoever asks, to expressions that speak of an `authorizer`. The host answers at once: when it cannot, it throws what its caller recognises,
 * fetches the answer and evaluates again.
 */
export abstract class Authorizer extends Opaque {
  readonly typeName = 'kubernetes.authorization.Authorizer'
  abstract check(question: AccessQuestion): AccessAnswer
  /** Another, for a service account. */
  abstract serviceAccount(namespace: string, name: string): Authorizer
  /** What the request itself is for: `authorizer.requestResource`. */
  abstract readonly requested: AccessQuestion

  override field(name: string): Value | undefined {
    return name === 'requestResource' ? new ResourceCheck(this, { ...this.requested }) : undefined
  }
}

/** What is known of an `authorizer` before it is evaluated. */
export const authorizerType: ObjectType = {
  kind: 'object',
  name: 'kubernetes.authorization.Authorizer',
  field: (name) => (name === 'requestResource' ? dyn : undefined),
}

type Part = Omit<AccessQuestion, 'verb'>

abstract class Check extends Opaque {
  readonly by: Authorizer
  readonly part: Part
  constructor(by: Authorizer, part: Part) {
    super()
    this.by = by
    this.part = part
  }
}

class PathCheck extends Check {
  readonly typeName = 'kubernetes.authorization.PathCheck'
}
class GroupCheck extends Check {
  readonly typeName = 'kubernetes.authorization.GroupCheck'
}
class ResourceCheck extends Check {
  readonly typeName = 'kubernetes.authorization.ResourceCheck'
}

class Decision extends Opaque {
  readonly typeName = 'kubernetes.authorization.Decision'
  readonly answer: AccessAnswer
  constructor(answer: AccessAnswer) {
    super()
    this.answer = answer
  }
}

const narrowing =
  (field: keyof Part): Overload =>
  (check, text) =>
    check instanceof ResourceCheck && typeof text === 'string'
      ? new ResourceCheck(check.by, { ...check.part, [field]: text })
      : undefined

const read =
  (answer: (decision: AccessAnswer) => Value): Overload =>
  (one) =>
    one instanceof Decision ? answer(one.answer) : undefined

/** Questions about access ("Common Expression Language in Kubernetes: Kubernetes authorizer library"; selectors: KEP-4601). */
export const authorizerFunctions: Functions = {
  path: [
    (by, path) => (by instanceof Authorizer && typeof path === 'string' ? new PathCheck(by, { path }) : undefined),
  ],
  group: [
    (by, group) => (by instanceof Authorizer && typeof group === 'string' ? new GroupCheck(by, { group }) : undefined),
  ],
  serviceAccount: [
    (by, namespace, name) =>
      by instanceof Authorizer && typeof namespace === 'string' && typeof name === 'string'
        ? by.serviceAccount(namespace, name)
        : undefined,
  ],
  resource: [
    (of, resource) =>
      of instanceof GroupCheck && typeof resource === 'string'
        ? new ResourceCheck(of.by, { ...of.part, resource })
        : undefined,
  ],
  subresource: [narrowing('subresource')],
  namespace: [narrowing('namespace')],
  name: [narrowing('name')],
  fieldSelector: [narrowing('fieldSelector')],
  labelSelector: [narrowing('labelSelector')],
  check: [
    (of, verb) =>
      (of instanceof PathCheck || of instanceof ResourceCheck) && typeof verb === 'string'
        ? new Decision(of.by.check({ ...of.part, verb }))
        : undefined,
  ],
  allowed: [read(({ allowed }) => allowed)],
  reason: [read(({ reason }) => reason)],
  errored: [read(({ error }) => error !== undefined)],
  error: [read(({ error }) => error ?? '')],
}
