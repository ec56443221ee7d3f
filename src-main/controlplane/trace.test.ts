import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TRACE_PATH } from '../../src-wire/trace/document.ts'
import { TestPlane } from './testing/test-plane.ts'

let plane: TestPlane
beforeAll(async () => {
  plane = await TestPlane.start('trace')
})
afterAll(() => plane.stop())

/** Asks as the administrator, or as whom the headers name. */
async function ask(path: string, body: object, headers?: Record<string, string>) {
  const { code, text } = await plane.ask('POST', path, body, headers)
  return { code, answer: JSON.parse(text) as unknown }
}

const jane = { 'impersonate-user': 'jane' }
const trace = {
  source: { kind: 'pod', namespace: 'default', name: 'client' },
  destination: { kind: 'service', namespace: 'default', name: 'kubernetes' },
}

describe('a trace asked of the API server', () => {
  it('says that the node of the pod is away, where it is', async () => {
    const spec = { nodeName: 'gone', containers: [{ name: 'c', image: 'x' }] }
    await ask('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
    const made = await ask('/api/v1/namespaces/default/pods', { metadata: { name: 'client' }, spec })
    expect(made.code).toBe(201)
    expect(await ask(TRACE_PATH, trace)).toMatchObject({
      code: 200,
      answer: {
        outcome: 'unsent',
        conclusion: { reason: 'sourceNodeAway', values: { node: 'gone' } },
        hops: [{ id: 'source', state: 'failed', said: 'nodeAway' }],
        sent: { host: 'kubernetes', port: 443, protocol: 'TCP' },
      },
    })
  })

  it('is for those who may run commands in the pod and see the service, and needs no other right', async () => {
    expect(await ask(TRACE_PATH, trace, jane)).toMatchObject({
      code: 403,
      answer: { message: expect.stringContaining('cannot create resource "pods/exec"') },
    })
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default'
    const rules = [
      { apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] },
      { apiGroups: [''], resources: ['services'], verbs: ['get'] },
    ]
    await ask(`${rbac}/roles`, { metadata: { name: 'tracer' }, rules })
    const roleRef = { kind: 'Role', name: 'tracer', apiGroup: 'rbac.authorization.k8s.io' }
    const subjects = [{ kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io' }]
    await ask(`${rbac}/rolebindings`, { metadata: { name: 'tracer' }, roleRef, subjects })
    expect(await ask(TRACE_PATH, trace, jane)).toMatchObject({ code: 200 })
    const node = { ...trace, source: { kind: 'node', name: 'n1' } }
    expect(await ask(TRACE_PATH, node, jane)).toMatchObject({ code: 403 })
  })

  it('is refused in plain words when it is none', async () => {
    expect(await ask(TRACE_PATH, { ...trace, port: 'x y' })).toMatchObject({
      code: 400,
      answer: { kind: 'Status', reason: 'BadRequest', message: expect.stringContaining('port must be') },
    })
  })
})
