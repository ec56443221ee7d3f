import type { UserInfo } from '../../admission/admission.ts'
import { StatusError, type StatusObject } from '../../../../src-kube/machinery/errors.ts'
import { formatMicroTime } from '../../../../src-kube/machinery/time.ts'
import { isLasting } from '../flow-control/admit.ts'
import { decodeBody, hearBody, type Incoming } from '../http/exchange.ts'
import type { RequestInfo } from '../http/request-info.ts'
import { eventOf, userOf, withoutManagers, type AuditEvent } from './event.ts'
import { isAtLeast, type AuditStage, type AuditVerdict } from './policy.ts'

/** The request whose events are written, and the policy that judges it; `now` is in milliseconds since the epoch. */
export interface TrailOptions {
  info: RequestInfo
  request: Incoming
  id: string
  judge(user: UserInfo, info: RequestInfo): AuditVerdict
  now(): number
  write(event: AuditEvent): void
}

const nobody: UserInfo = { name: '', groups: [] }
const brought = new Set(['create', 'update', 'patch', 'delete', 'deletecollection'])

/** What is told of one request, stage by stage. Whoever serves it says what happens; the policy says what of it is told. */
export class Trail {
  readonly #options: TrailOptions
  readonly #received: number
  #verdict: AuditVerdict | undefined
  #event: AuditEvent | undefined
  #answer: unknown
  #code = 0
  #hasEnded = false

  constructor(options: TrailOptions) {
    this.#options = options
    this.#received = options.now()
  }

  /** Whether the answer itself is told. */
  get wantsAnswer(): boolean {
    return this.#verdict?.level === 'RequestResponse'
  }

  /** The user is known: the stage RequestReceived. */
  from(user: UserInfo): void {
    const { info, request } = this.#options
    if (!this.#begin(user)) return
    this.#tell('RequestReceived')
    if (info.isResource && brought.has(info.verb)) hearBody(request, (body) => this.#brought(body))
  }

  /** @param user in whose name it is, when that is another; answered */
  inNameOf(user: UserInfo): UserInfo {
    if (this.#event && user.name !== this.#event.user.username) this.#event.impersonatedUser = userOf(user)
    return user
  }

  /** The first value of a key counts. */
  readonly annotate = (key: string, value: string): void => {
    if (this.#event) (this.#event.annotations ??= {})[key] ??= value
  }

  /** The answer, before it is put into the form that the client wants. */
  answered(answer: Buffer | object): void {
    if (!this.#event) return
    if (!Buffer.isBuffer(answer) || this.wantsAnswer) this.#answer = answer
  }

  /** The head of the answer is sent: of what lasts, the stage ResponseStarted. */
  started(code: number): void {
    this.#code = code
    const { info } = this.#options
    if (!this.#event || !(info.verb === 'watch' || isLasting(info))) return
    this.#event.responseStatus = { metadata: {}, code }
    this.#tell('ResponseStarted')
  }

  /** The stage ResponseComplete; of a request that nobody made, that it was refused. Later ends are not told. */
  end(code = this.#code): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    if (!this.#verdict) return this.#refused(code)
    if (!this.#event) return
    this.#event.responseStatus = this.#status(code)
    const answer = this.#answerToTell()
    if (answer !== undefined) this.#event.responseObject = answer
    this.#tell('ResponseComplete')
  }

  /** Nobody proved who they are (reference: apiserver's `WithFailedAuthenticationAudit`). */
  #refused(code: number): void {
    if (!this.#begin(nobody)) return
    const { authorization } = this.#options.request.headers
    const tried = /^basic /i.test(authorization ?? '') ? 'basic' : /^bearer /i.test(authorization ?? '') ? 'bearer' : ''
    const message = `Authentication failed, ${tried ? `attempted: ${tried}` : 'no credentials provided'}`
    this.#event!.responseStatus = { ...this.#status(code), message }
    this.#tell('ResponseStarted')
  }

  #begin(user: UserInfo): boolean {
    const { info, judge } = this.#options
    const verdict = judge(user, info)
    this.#verdict = verdict
    if (verdict.level === 'None') return false
    this.#event = eventOf({ ...this.#options, user }, verdict.level, this.#received)
    return true
  }

  #tell(stage: AuditStage): void {
    if (this.#verdict?.omitted.has(stage)) return
    const event = this.#event!
    event.stage = stage
    if (stage !== 'RequestReceived') event.stageTimestamp = formatMicroTime(this.#options.now())
    this.#options.write(event)
  }

  /** The body is told, and completes what the path says of the object. */
  #brought(bytes: Buffer): void {
    const event = this.#event!
    const tells = isAtLeast(event.level, 'Request')
    const ref = event.objectRef!
    if (!tells && ref.name) return
    let body: unknown
    try {
      body = decodeBody(bytes, this.#options.request.headers['content-type'], () => {})
    } catch (error) {
      // What cannot be read is refused in its answer.
      if (error instanceof StatusError) return
      throw error
    }
    const { metadata = {} } = (body ?? {}) as { metadata?: { name?: string; uid?: string; resourceVersion?: string } }
    if (this.#options.info.verb === 'create' || this.#options.info.verb === 'update') {
      for (const field of ['name', 'uid', 'resourceVersion'] as const)
        if (metadata[field] && !ref[field]) ref[field] = metadata[field]
    }
    if (tells && body !== undefined) event.requestObject = this.#shown(body)
  }

  #status(code: number): NonNullable<AuditEvent['responseStatus']> {
    const { kind, status, message, reason, details } = (this.#answer ?? {}) as Partial<StatusObject>
    if (kind !== 'Status') return { metadata: {}, code }
    return {
      metadata: {},
      ...(status ? { status } : {}),
      ...(message ? { message } : {}),
      ...(reason ? { reason } : {}),
      ...(details && Object.keys(details).length > 0 ? { details } : {}),
      code,
    }
  }

  #answerToTell(): unknown {
    if (!this.wantsAnswer || this.#answer === undefined) return undefined
    const answer = Buffer.isBuffer(this.#answer) ? (JSON.parse(this.#answer.toString('utf8')) as unknown) : this.#answer
    return this.#shown(answer)
  }

  #shown(object: unknown): unknown {
    return this.#verdict?.omitManagedFields ? withoutManagers(object) : object
  }
}
