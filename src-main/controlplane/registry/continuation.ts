import { expired, StatusError, type StatusObject } from '../../../src-kube/machinery/errors.ts'
import { jsonFault } from '../../../src-kube/machinery/json-syntax.ts'
import type { Core } from './context.ts'
import type { StoredEntry } from './entry.ts'
import { prefixOf } from './keys.ts'
import type { Target } from './registry.ts'

/**
 * What a continue token says (kubernetes.io, "Kubernetes API Concepts: Retrieving large results sets in chunks").
 */
export interface Continuation {
  v: 'meta.k8s.io/v1'
  /** The revision of the list's first page; -1 for the newest one. */
  rv: number
  /** Key after which to go on, without the resource's prefix. */
  start: string
  /** When the token was made, in milliseconds since the epoch; absent from others' tokens. */
  at?: number
}

/**
 * Milliseconds that a token leads to the list as it was once anything has changed: what etcd keeps of the past for kube-apiserver, whose clients
 * are made for that (`--etcd-compaction-interval`). The past itself is kept longer.
 */
const LASTS = 5 * 60_000

const EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'

/** 410 whose Status carries, in its metadata, a token for the remainder at the newest revision. */
class ExpiredContinueError extends StatusError {
  readonly continue: string

  constructor({ code, reason, message }: StatusError, token: string) {
    super(code, reason, message)
    this.continue = token
  }

  override toStatus(): StatusObject {
    return { ...super.toStatus(), metadata: { continue: this.continue } }
  }
}

/** The token of what follows an entry in a list at a revision. */
export function token(
  { clock }: Pick<Core, 'clock'>,
  { descriptor }: Target,
  revision: number,
  last: StoredEntry,
): string {
  const start = last.stored.key.slice(prefixOf(descriptor).length)
  return encoded({ v: 'meta.k8s.io/v1', rv: revision, start, at: clock.now() })
}

const encoded = (continuation: Continuation): string => Buffer.from(JSON.stringify(continuation)).toString('base64url')

/** Whether a token no longer leads to the list that it was made for. */
export const isTooOld = ({ clock, store }: Pick<Core, 'clock' | 'store'>, { rv, at }: Continuation): boolean =>
  at !== undefined && rv > 0 && rv < store.revision && clock.now() - at > LASTS

/** The refusal of a token that is too old; the one of the remainder travels in the Status' own metadata. */
export const expiredToken = (start: string): StatusError =>
  new ExpiredContinueError(expired(EXPIRED), encoded({ v: 'meta.k8s.io/v1', rv: -1, start }))

const badToken = (why: string, cause?: unknown): StatusError =>
  new StatusError(400, 'BadRequest', `invalid continue token: continue key is not valid: ${why}`, undefined, { cause })

/** What a token says, checked as upstream checks it (reference: apiserver's `DecodeContinue`). */
export function continuationOf(token: string): Continuation {
  // As Go tells where base64 ends that is none.
  const valid = /^[\w-]*/.exec(token)![0].length
  if (valid < token.length) throw badToken(`illegal base64 data at input byte ${valid}`)
  if (valid % 4 === 1) throw badToken(`illegal base64 data at input byte ${valid - 1}`)
  const text = Buffer.from(token, 'base64url').toString('utf8')
  let parsed: Partial<Continuation> | null
  try {
    parsed = JSON.parse(text) as Partial<Continuation> | null
  } catch (cause) {
    throw badToken(jsonFault(text), cause)
  }
  const { v = '', rv = 0, start = '', at } = parsed ?? {}
  if (v !== 'meta.k8s.io/v1') throw badToken(`server does not recognize this encoded version ${JSON.stringify(v)}`)
  if (rv === 0) throw badToken(`incorrect encoded start resourceVersion (version ${v})`)
  if (start === '') throw badToken(`encoded start key empty (version ${v})`)
  if (typeof start !== 'string' || !Number.isSafeInteger(rv) || start.split('/').includes('..'))
    throw badToken(String(start))
  return { v, rv, start, ...(typeof at === 'number' ? { at } : {}) }
}
