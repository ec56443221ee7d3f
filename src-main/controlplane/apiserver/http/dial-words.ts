import { isIP } from 'node:net'

/** What the system says of a connection that was not made. */
const refusals: Record<string, string> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'connect: connection timed out',
}

const UNKNOWN_AUTHORITY = 'x509: certificate signed by unknown authority'

/** What is wrong with a certificate, by Node's and OpenSSL's codes. */
const certificates: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: 'x509: certificate has expired or is not yet valid',
  CERT_NOT_YET_VALID: 'x509: certificate has expired or is not yet valid',
}

interface Failure extends Error {
  code?: string
  /** Of names that do not fit: the name that was asked for, and those that the certificate has. */
  host?: string
  cert?: { subjectaltname?: string }
}

/** Why another server could not be asked, in Go's words, by which people look for help. */
export function dialWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { message, code = '', host = '', cert }: Failure = error
  const [, refusal = '', address = ''] = /connect (E[A-Z]+) (\S+)$/.exec(message) ?? []
  if (refusals[refusal]) return `dial tcp ${inBrackets(address)}: ${refusals[refusal]}`
  const [, name] = /^getaddrinfo ENOTFOUND (\S+)$/.exec(message) ?? []
  if (name) return `dial tcp: lookup ${name}: no such host`
  if (certificates[code]) return `tls: failed to verify certificate: ${certificates[code]}`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `tls: failed to verify certificate: ${otherName(host, cert?.subjectaltname ?? '')}`
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || /wrong version number/.test(message))
    return 'http: server gave HTTP response to HTTPS client'
  return message
}

/** An address and its port, which IPv6 is told apart from by brackets. */
function inBrackets(address: string): string {
  const at = address.lastIndexOf(':')
  const host = address.slice(0, at)
  return isIP(host) === 6 ? `[${host}]${address.slice(at)}` : address
}

/** @param has `DNS:a.example, IP Address:10.0.0.1` */
function otherName(host: string, has: string): string {
  const kind = isIP(host) ? 'IP Address:' : 'DNS:'
  const names = has
    .split(', ')
    .filter((name) => name.startsWith(kind))
    .map((name) => name.slice(kind.length))
  if (names.length > 0) return `x509: certificate is valid for ${names.join(', ')}, not ${host}`
  return isIP(host)
    ? `x509: cannot validate certificate for ${host} because it doesn't contain any IP SANs`
    : `x509: certificate is not valid for any names, but wanted to match ${host}`
}
