import { expect, test } from 'vitest'
import { dialWords } from './dial-words.ts'

const failure = (message: string, more: object = {}): Error => Object.assign(new Error(message), more)
const misnamed = (host: string, subjectaltname?: string): Error =>
  failure("does not match certificate's altnames", {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    host,
    cert: { subjectaltname },
  })
const VERIFY = 'tls: failed to verify certificate: x509: '

test.each([
  [failure('connect ECONNREFUSED 127.0.0.1:443'), 'dial tcp 127.0.0.1:443: connect: connection refused'],
  [failure('connect ECONNREFUSED ::1:443'), 'dial tcp [::1]:443: connect: connection refused'],
  [failure('getaddrinfo ENOTFOUND hook.example'), 'dial tcp: lookup hook.example: no such host'],
  [failure('x', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), `${VERIFY}certificate signed by unknown authority`],
  [failure('x', { code: 'CERT_HAS_EXPIRED' }), `${VERIFY}certificate has expired or is not yet valid`],
  [
    misnamed('hook.a.svc', 'DNS:b.svc, DNS:c.svc, IP Address:10.0.0.1'),
    `${VERIFY}certificate is valid for b.svc, c.svc, not hook.a.svc`,
  ],
  [misnamed('hook.a.svc'), `${VERIFY}certificate is not valid for any names, but wanted to match hook.a.svc`],
  [
    misnamed('10.0.0.2', 'DNS:b.svc'),
    `${VERIFY}cannot validate certificate for 10.0.0.2 because it doesn't contain any IP SANs`,
  ],
  [
    failure('SSL routines:ssl3_get_record:wrong version number', { code: 'EPROTO' }),
    'http: server gave HTTP response to HTTPS client',
  ],
  [failure('socket hang up'), 'socket hang up'],
  ['words', 'words'],
])('%s is told as %j', (error, words) => expect(dialWords(error)).toBe(words))
