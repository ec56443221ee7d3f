import { describe, expect, test } from 'vitest'
import { findKind } from '../../../src-kube/kinds/index.ts'
import { alsoNeeded, connectAttributes } from './connect.ts'
import { parseRequest } from './http/request-info.ts'

const POD = '/api/v1/namespaces/d/pods/p'
const user = { name: 'jane', groups: [] }

describe('what admission sees of a connection', () => {
  const seen = (kind: string, url: string) => connectAttributes(parseRequest('GET', url), findKind('', kind)!, user)

  // The reference's conformance test "should be able to deny attaching pod" reads them.
  test.each([
    [
      'Pod',
      `${POD}/attach?stdin=true&stdout=true&tty=false&container=c`,
      { kind: 'PodAttachOptions', stdin: true, stdout: true, container: 'c' },
    ],
    [
      'Pod',
      `${POD}/exec?command=ls&command=-l&stderr=1`,
      { kind: 'PodExecOptions', stderr: true, command: ['ls', '-l'] },
    ],
    ['Pod', `${POD}/portforward?ports=80`, { kind: 'PodPortForwardOptions', ports: [80] }],
    ['Service', '/api/v1/namespaces/d/services/s/proxy/a/b', { kind: 'ServiceProxyOptions', path: '/a/b' }],
  ])('are its options: %s %s', (kind, url, options) => {
    const attributes = seen(kind, url)!
    expect(attributes).toMatchObject({ operation: 'CONNECT', namespace: 'd', user, oldObject: undefined })
    expect(attributes.object).toEqual({ apiVersion: 'v1', ...options })
  })

  test('is nothing of logs, which are read', () => {
    expect(seen('Pod', `${POD}/log`)).toBeUndefined()
  })
})

test('a WebSocket to a pod needs the right to create, which its GET does not ask for', () => {
  const verb = (method: string, url: string) => alsoNeeded(parseRequest(method, url))?.verb
  for (const subresource of ['exec', 'attach', 'portforward']) {
    expect(verb('GET', `${POD}/${subresource}`)).toBe('create')
    expect(verb('POST', `${POD}/${subresource}`)).toBeUndefined()
  }
  expect(verb('GET', `${POD}/proxy/`)).toBeUndefined()
  expect(verb('GET', `${POD}/log`)).toBeUndefined()
})
