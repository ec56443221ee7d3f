import { qualifiedResource } from './gvk.ts'

/** One cause of a failed request, with the field it concerns. */
export interface StatusCause {
  reason?: string
  message?: string
  field?: string
}

/** `StatusDetails` of meta/v1; `kind` is the plural name of a resource, as upstream has it. */
export interface StatusDetails {
  name?: string
  group?: string
  kind?: string
  uid?: string
  causes?: StatusCause[]
  retryAfterSeconds?: number
}

/** The `Status` object of the API (meta/v1), as a failure. */
export interface StatusObject {
  kind: 'Status'
  apiVersion: 'v1'
  /** `continue`: where the remainder of an expired list begins (meta/v1, ListMeta). */
  metadata: { continue?: string }
  status: 'Failure' | 'Success'
  message?: string
  reason?: string
  details?: StatusDetails
  code?: number
}

/**
 * An error that knows its response: HTTP code, reason and details in Kubernetes' own words
 * (reference: apimachinery's api/errors). One place in the API server turns it into a `Status`.
 */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly code: number
  readonly reason: string
  readonly details: StatusDetails | undefined

  constructor(code: number, reason: string, message: string, details?: StatusDetails, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.reason = reason
    this.details = details
  }

  toStatus(): StatusObject {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason ? { reason: this.reason } : {}),
      ...(this.details ? { details: this.details } : {}),
      code: this.code,
    }
  }

  static from(status: Partial<StatusObject>): StatusError {
    return new StatusError(
      status.code ?? 500,
      status.reason ?? 'InternalError',
      status.message ?? 'unknown error',
      status.details,
    )
  }
}

/** Group and plural name, to name a resource in a message. */
export interface ResourceName {
  group: string
  resource: string
}

const about = ({ group, resource }: ResourceName, name: string): StatusDetails => ({
  ...(name ? { name } : {}),
  ...(group ? { group } : {}),
  kind: resource,
})

/** 404. */
export function notFound(of: ResourceName, name: string): StatusError {
  return new StatusError(
    404,
    'NotFound',
    `${qualifiedResource(of.group, of.resource)} "${name}" not found`,
    about(of, name),
  )
}

/** 409, of a creation. */
export function alreadyExists(of: ResourceName, name: string): StatusError {
  return new StatusError(
    409,
    'AlreadyExists',
    `${qualifiedResource(of.group, of.resource)} "${name}" already exists`,
    about(of, name),
  )
}

/** 409, of a write that was made on a version which is not the newest. */
export function conflict(
  of: ResourceName,
  name: string,
  why = 'the object has been modified; please apply your changes to the latest version and try again',
): StatusError {
  return new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedResource(of.group, of.resource)} "${name}": ${why}`,
    about(of, name),
  )
}

/** 403; without a name it is about the resource as such. */
export function forbidden(of: ResourceName, name: string, why: string): StatusError {
  const target = name
    ? `${qualifiedResource(of.group, of.resource)} "${name}" is forbidden: `
    : `${qualifiedResource(of.group, of.resource)} is forbidden: `
  return new StatusError(403, 'Forbidden', target + why, about(of, name))
}

/** 400. */
export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message)
}

/** 401. Says no more than that: why is for the log. */
export function unauthorized(message = 'Unauthorized'): StatusError {
  return new StatusError(401, 'Unauthorized', message)
}

/** 405, of a verb that a resource or subresource does not have. */
export function methodNotSupported(of: ResourceName, verb: string): StatusError {
  return new StatusError(
    405,
    'MethodNotAllowed',
    `${verb} is not supported on resources of kind "${qualifiedResource(of.group, of.resource)}"`,
    about(of, ''),
  )
}

/** 415. */
export function unsupportedMediaType(message: string): StatusError {
  return new StatusError(415, 'UnsupportedMediaType', message)
}

/** 410: a continue token or a watch asks for a revision that is compacted away. */
export function expired(message: string): StatusError {
  return new StatusError(410, 'Expired', message)
}

/** 429; the seconds go into the header `Retry-After`, too. */
export function tooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  return new StatusError(429, 'TooManyRequests', message, { retryAfterSeconds })
}

/** 500 for what nobody expected; keeps the cause. */
export function internalError(cause: unknown): StatusError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new StatusError(
    500,
    'InternalError',
    `Internal error occurred: ${message}`,
    { causes: [{ message }] },
    { cause },
  )
}

/** One thing wrong with one field, in the words of Kubernetes' field errors. */
export interface FieldError {
  /** `FieldValueRequired`, `FieldValueInvalid`, … : the reason of the cause. */
  type:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueDuplicate'
    | 'FieldValueForbidden'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueNotFound'
    | 'FieldValueTypeInvalid'
  /** JSON path such as `spec.containers[0].name`. */
  field: string
  /** The words after the path: `Required value: …`, `Invalid value: "x": …`. */
  message: string
}

/** Several errors as one, as upstream writes them. */
export const aggregated = (words: readonly string[]): string =>
  words.length === 1 ? words[0]! : `[${words.join(', ')}]`

/** 422 with every field error as a cause; `kind` is the kind's own name (`Pod`), `group` its group. */
export function invalid(
  kind: { group: string; kind: string },
  name: string,
  errors: readonly FieldError[],
): StatusError {
  const words = errors.map((e) => `${e.field}: ${e.message}`)
  const qualified = kind.group ? `${kind.kind}.${kind.group}` : kind.kind
  return new StatusError(422, 'Invalid', `${qualified} "${name}" is invalid: ${aggregated(words)}`, {
    ...(name ? { name } : {}),
    ...(kind.group ? { group: kind.group } : {}),
    ...(kind.kind ? { kind: kind.kind } : {}),
    causes: errors.map((e) => ({ reason: e.type, message: e.message, field: e.field })),
  })
}

/** These judge by the reason, not by the code: 409 and 410 have two each. */
export const isNotFound = (error: unknown): error is StatusError =>
  error instanceof StatusError && error.reason === 'NotFound'
/** 409 because the object is another than the one it was made from: read it again, and try again. */
export const isConflict = (error: unknown): error is StatusError =>
  error instanceof StatusError && error.reason === 'Conflict'
/** 409 for a name that somebody has; 409 of another reason is {@link isConflict}. */
export const isAlreadyExists = (error: unknown): error is StatusError =>
  error instanceof StatusError && error.reason === 'AlreadyExists'
/** 410: what was asked for at a revision is compacted. List anew. */
export const isExpired = (error: unknown): error is StatusError =>
  error instanceof StatusError && (error.reason === 'Expired' || error.reason === 'Gone')
