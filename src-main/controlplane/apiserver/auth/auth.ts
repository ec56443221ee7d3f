import type { UserInfo } from '../../admission/admission.ts'

/** What a request carries to prove who sends it. */
export interface Credentials {
  /** Subject of the verified client certificate (`CN`, `O`s, uid) and its SHA-256, hexadecimal; undefined without one. */
  certificate: { commonName: string; organizations: string[]; uid?: string; fingerprint?: string } | undefined
  /** Bearer token of the Authorization header or the WebSocket subprotocol. */
  token: string | undefined
  /** Whom the token must be meant for; the API server itself when absent. */
  audiences?: readonly string[]
  /** `Impersonate-User`, `-Group`, `-Uid`, `-Extra-*` headers (lower-cased names). */
  impersonate: { user: string; uid?: string; groups: string[]; extra: Record<string, string[]> } | undefined
}

/** `undefined` when these credentials are not for this authenticator; throws `unauthorized()` when they are wrong. */
export type Authenticator = (credentials: Credentials) => Promise<UserInfo | undefined> | UserInfo | undefined

/** What is asked for, in the terms of authorization (kubernetes.io, "Authorization Overview"). */
export interface AccessAttributes {
  user: UserInfo
  verb: string
  /** Resource requests. */
  group: string
  version: string
  resource: string
  subresource: string
  namespace: string
  name: string
  /** Non-resource requests: the path; then `resource` is ``. */
  path: string
  /** Of a list or watch, as it was sent; `` without one, absent when nobody looked. */
  fieldSelector?: string
}

/** Neither allowed nor denied is no opinion: the next authorizer is asked. */
export interface Decision {
  allowed: boolean
  /** `true` ends the union: a later authorizer cannot allow it any more. */
  denied?: boolean
  reason?: string
}

/** Answers at once where it can: most requests wait for nothing. Throws only when it cannot know. */
export type Authorizer = (attributes: AccessAttributes) => Promise<Decision> | Decision
