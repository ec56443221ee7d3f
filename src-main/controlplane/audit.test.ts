import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AuditEvent } from './apiserver/audit/event.ts'
import { TestPlane } from './testing/test-plane.ts'

const POLICY = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
omitManagedFields: true
rules:
  - level: None
    userGroups: ["system:nodes"]
  - level: RequestResponse
    resources: [{group: "", resources: [configmaps]}]
    namespaces: [default]
    verbs: [create, patch, delete, list]
  - level: Metadata
    resources: [{group: "", resources: [pods, "pods/log", secrets]}]
    omitStages: [ResponseStarted]
  - level: Metadata
    verbs: [watch]
  - level: Request
    resources: [{group: extensions}, {group: rbac.authorization.k8s.io}]
  - level: Metadata
    nonResourceURLs: ["/healthz*"]
`
const withPolicy = (text: string) => (directory: string) => writeFileSync(join(directory, 'audit-policy.yaml'), text)

let plane: TestPlane
let told: AuditEvent[]
beforeAll(async () => {
  plane = await TestPlane.start('audit', { prepare: withPolicy(POLICY) })
  const maps = '/api/v1/namespaces/default/configmaps'
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { x: '1' } }
  await ask('POST', maps, map)
  await ask('PATCH', `${maps}/a`, { data: { x: '2' } }, { 'content-type': 'application/merge-patch+json' })
  await ask('POST', maps, map)
  await ask('GET', maps, undefined, { accept: 'application/vnd.kubernetes.protobuf' })
  await ask('GET', `${maps}?watch=1&timeoutSeconds=1`)
  await ask('DELETE', `${maps}/a`)
  await ask('GET', '/api/v1/namespaces/default/pods', undefined, { 'impersonate-user': 'jane' })
  await ask('GET', '/api/v1/namespaces/default/pods/none/log')
  await ask('POST', '/api/v1/namespaces/default/secrets', { ...map, kind: 'Secret', data: { x: 'eA==' } })
  await ask('GET', '/healthz', undefined, { 'user-agent': 'x'.repeat(1100), 'x-forwarded-for': '1.2.3.4, 5.6.7.8' })
  await ask('GET', '/version')
  await ask('GET', `${maps}?watch=1`, undefined, { authorization: 'Bearer wrong' })
  await plane.end()
  const lines = readFileSync(join(plane.directory, 'logs', 'audit.log'), 'utf8')
    .trimEnd()
    .split('\n')
  told = lines.map((line) => JSON.parse(line) as AuditEvent)
}, 60_000)
afterAll(() => plane.remove())

const ask = (...request: Parameters<TestPlane['ask']>) => plane.ask(...request)

const of = (verb: string, resource: string): AuditEvent[] =>
  told.filter(
    (one) => one.verb === verb && one.objectRef?.resource === resource && one.user.username === 'kubernetes-admin',
  )

test('A write is told with what was sent and what was answered, without managers', () => {
  const [made, refused] = of('create', 'configmaps')
  expect(made).toMatchObject({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'RequestResponse',
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/default/configmaps',
    user: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
    sourceIPs: ['127.0.0.1'],
    objectRef: { resource: 'configmaps', namespace: 'default', name: 'a', apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 201 },
    requestObject: { kind: 'ConfigMap', data: { x: '1' } },
    responseObject: { kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } },
    annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
  })
  expect(made!.auditID).toMatch(/^[0-9a-f-]{36}$/)
  expect(JSON.stringify(made)).not.toContain('managedFields')
  expect(made!.requestReceivedTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  expect(refused!.responseStatus).toMatchObject({
    status: 'Failure',
    reason: 'AlreadyExists',
    message: 'configmaps "a" already exists',
    details: { name: 'a', kind: 'configmaps' },
    code: 409,
  })
  expect(of('patch', 'configmaps')[0]).toMatchObject({
    requestObject: { data: { x: '2' } },
    responseObject: { data: { x: '2' } },
  })
  expect(of('delete', 'configmaps')[0]!.responseStatus).toMatchObject({ status: 'Success', code: 200 })
})

test('A list is told as it is, whatever form the client wanted', () => {
  const [list] = of('list', 'configmaps')
  expect(list!.responseObject).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' })
  expect(list).not.toHaveProperty('requestObject')
})

test('A watch is told when it begins and when it ends, under one id', () => {
  const stages = of('watch', 'configmaps')
  expect(stages.map(({ stage, responseStatus }) => [stage, responseStatus?.code])).toEqual([
    ['ResponseStarted', 200],
    ['ResponseComplete', 200],
  ])
  expect(new Set(stages.map(({ auditID }) => auditID)).size).toBe(1)
})

test('Whoever acts for another is told of as themselves, with whom they act for and why it was refused', () => {
  const [refused] = of('list', 'pods')
  expect(refused).toMatchObject({
    user: { username: 'kubernetes-admin' },
    impersonatedUser: { username: 'jane', groups: ['system:authenticated'] },
    responseStatus: { reason: 'Forbidden', code: 403 },
    annotations: { 'authorization.k8s.io/decision': 'forbid' },
  })
})

test('Metadata tells nothing of what was sent, but its name', () => {
  const [secret] = of('create', 'secrets')
  expect(secret).toMatchObject({ level: 'Metadata', objectRef: { name: 'a' }, responseStatus: { code: 201 } })
  expect(secret).not.toHaveProperty('requestObject')
  expect(secret).not.toHaveProperty('responseObject')
  expect(of('get', 'pods').map(({ stage, objectRef }) => [stage, objectRef?.subresource])).toEqual([
    ['ResponseComplete', 'log'],
  ])
})

test('Paths are told of by their rules, others not at all', () => {
  const paths = told.filter(({ objectRef }) => objectRef === undefined)
  expect(paths.map(({ requestURI }) => requestURI)).toEqual(['/healthz'])
  expect(paths[0]).toMatchObject({ verb: 'get', sourceIPs: ['1.2.3.4', '5.6.7.8', '127.0.0.1'] })
  expect(paths[0]!.userAgent).toBe(`${'x'.repeat(1024)}...TRUNCATED`)
})

test('Who is nobody is told of as refused', () => {
  const nobody = told.filter(({ user }) => user.username === undefined)
  expect(nobody).toMatchObject([
    {
      stage: 'ResponseStarted',
      responseStatus: { message: 'Authentication failed, attempted: bearer', code: 401 },
    },
  ])
})

test('A policy that is none keeps the server from starting', async () => {
  const broken = withPolicy('apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []\n')
  await expect(TestPlane.start('audit-broken', { prepare: broken })).rejects.toThrow(
    'audit-policy.yaml is no audit policy: loaded illegal policy with 0 rules',
  )
}, 60_000)
