import { Authorizer, type AccessAnswer, type AccessQuestion } from '../../../../src-kube/machinery/cel/index.ts'
import type { AdmissionAttributes, UserInfo } from '../admission.ts'

/** Asks whether somebody may; the same as for requests. */
export type MayUser = (user: UserInfo, question: AccessQuestion) => Answer | Promise<Answer>

interface Answer {
  allowed: boolean
  reason?: string
}

/** An answer that has to be waited for: the expression is evaluated again when it is there. */
class Unanswered extends Error {
  readonly answer: Promise<void>
  constructor(answer: Promise<void>) {
    super('an authorizer has not answered yet')
    this.answer = answer
  }
}

/** Evaluates, and again whenever an authorizer's answer came that was waited for. */
export async function answered<T>(evaluate: () => T): Promise<T> {
  for (;;) {
    try {
      return evaluate()
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error
      await error.answer
    }
  }
}

const answersOf = new WeakMap<AdmissionAttributes, Map<string, AccessAnswer>>()

/** The variable `authorizer` of one request: each question is asked once (kubernetes.io, "Validating Admission Policy: Authorizer checks"). */
export function authorizerOf(may: MayUser, attributes: AdmissionAttributes): Authorizer {
  let answers = answersOf.get(attributes)
  if (!answers) answersOf.set(attributes, (answers = new Map()))
  const { descriptor, served, subresource, namespace, name } = attributes
  const requested = {
    verb: '',
    group: served?.group ?? descriptor.group,
    resource: descriptor.plural,
    ...(subresource ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
  }
  return new RequestAuthorizer(may, attributes.user, requested, answers)
}

class RequestAuthorizer extends Authorizer {
  readonly #may: MayUser
  readonly #user: UserInfo
  readonly requested: AccessQuestion
  readonly #answers: Map<string, AccessAnswer>

  constructor(may: MayUser, user: UserInfo, requested: AccessQuestion, answers: Map<string, AccessAnswer>) {
    super()
    this.#may = may
    this.#user = user
    this.requested = requested
    this.#answers = answers
  }

  check(question: AccessQuestion): AccessAnswer {
    const key = JSON.stringify([this.#user.name, question])
    const known = this.#answers.get(key)
    if (known) return known
    const found = this.#may(this.#user, question)
    if (!(found instanceof Promise)) return this.#keep(key, found)
    throw new Unanswered(
      found.then(
        (answer) => void this.#keep(key, answer),
        (error: unknown) => void this.#answers.set(key, { allowed: false, reason: '', error: String(error) }),
      ),
    )
  }

  #keep(key: string, { allowed, reason = '' }: Answer): AccessAnswer {
    const answer = { allowed, reason }
    this.#answers.set(key, answer)
    return answer
  }

  serviceAccount(namespace: string, name: string): Authorizer {
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
    const user = { name: `system:serviceaccount:${namespace}:${name}`, groups }
    return new RequestAuthorizer(this.#may, user, this.requested, this.#answers)
  }
}
