import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { TestPlane, type Answer } from './testing/test-plane.ts'

let plane: TestPlane
beforeAll(async () => {
  plane = await TestPlane.start('access')
})
afterAll(() => plane.stop())

const ask = (...request: Parameters<TestPlane['ask']>): Promise<Answer> => plane.ask(...request)
const json = ({ text }: Answer): KubeObject => JSON.parse(text) as KubeObject
const jane = { 'impersonate-user': 'jane' }
const FLOWS = '/apis/flowcontrol.apiserver.k8s.io/v1'
const RBAC = '/apis/rbac.authorization.k8s.io/v1'

describe('priority and fairness', () => {
  it('names the flow schema and level of every answer, also of a refusal', async () => {
    const uid = async (path: string): Promise<string> => json(await ask('GET', FLOWS + path)).metadata.uid
    const { headers } = await ask('GET', '/api/v1/namespaces')
    expect(headers['x-kubernetes-pf-flowschema-uid']).toBe(await uid('/flowschemas/exempt'))
    expect(headers['x-kubernetes-pf-prioritylevel-uid']).toBe(await uid('/prioritylevelconfigurations/exempt'))
    const refused = await ask('GET', '/api/v1/namespaces', undefined, jane)
    expect(refused.code).toBe(403)
    expect(refused.headers['x-kubernetes-pf-flowschema-uid']).toBe(await uid('/flowschemas/global-default'))
  })

  it('refuses what a level has no seat for, and gives seats back', async () => {
    const response = { type: 'Reject' }
    const limited = { nominalConcurrencyShares: 0, borrowingLimitPercent: 0, limitResponse: response }
    const name = 'jail'
    await ask('POST', `${FLOWS}/prioritylevelconfigurations`, {
      metadata: { name },
      spec: { type: 'Limited', limited },
    })
    const subjects = [{ kind: 'User', user: { name: 'jane' } }]
    const nonResourceRules = [{ verbs: ['*'], nonResourceURLs: ['*'] }]
    const spec = {
      matchingPrecedence: 50,
      priorityLevelConfiguration: { name },
      rules: [{ subjects, nonResourceRules }],
    }
    await ask('POST', `${FLOWS}/flowschemas`, { metadata: { name }, spec })
    const refused = await ask('GET', '/version', undefined, jane)
    expect(refused).toMatchObject({ code: 429, headers: { 'retry-after': '1' } })
    await ask('PATCH', `${FLOWS}/prioritylevelconfigurations/${name}`, {
      spec: { limited: { nominalConcurrencyShares: 1 } },
    })
    for (let i = 0; i < 10; i++) expect(await ask('GET', '/version', undefined, jane)).toMatchObject({ code: 200 })
    const { text } = await ask('GET', '/debug/api_priority_and_fairness/dump_priority_levels')
    expect(text).toMatch(/^jail, +0, +true, +false, +0, +0, +10, +1, +0, +0$/m)
    await ask('DELETE', `${FLOWS}/flowschemas/${name}`)
    await ask('DELETE', `${FLOWS}/prioritylevelconfigurations/${name}`)
  })

  it('has its mandatory objects back when they are deleted', async () => {
    const path = `${FLOWS}/flowschemas/catch-all`
    const before = json(await ask('GET', path)).metadata.uid
    await ask('DELETE', path)
    await vi.waitFor(async () => {
      const { metadata } = json(await ask('GET', path))
      expect(metadata?.uid).toBeDefined()
      expect(metadata.uid).not.toBe(before)
    })
  })
})

describe('who may', () => {
  const allow = async (name: string, user: string, rules: object[]): Promise<void> => {
    await ask('POST', `${RBAC}/clusterroles`, { metadata: { name }, rules })
    const subjects = [{ kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' }]
    const roleRef = { kind: 'ClusterRole', name, apiGroup: 'rbac.authorization.k8s.io' }
    await ask('POST', `${RBAC}/clusterrolebindings`, { metadata: { name }, subjects, roleRef })
  }
  const configMaps = '/api/v1/namespaces/default/configmaps'
  const map = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })

  it('is what a policy may ask of the sender', async () => {
    await allow('maps', 'jane', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['create'] }])
    const admission = '/apis/admissionregistration.k8s.io/v1'
    const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }
    const check = "authorizer.group('').resource('secrets').namespace(request.namespace).check('create').allowed()"
    const spec = { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: check }] }
    await ask('POST', `${admission}/validatingadmissionpolicies`, { metadata: { name: 'p' }, spec })
    const binding = { policyName: 'p', validationActions: ['Deny'] }
    await ask('POST', `${admission}/validatingadmissionpolicybindings`, { metadata: { name: 'p' }, spec: binding })
    expect(await ask('POST', configMaps, map('a'), jane)).toMatchObject({ code: 422 })
    expect(await ask('POST', configMaps, map('a'))).toMatchObject({ code: 201 })
    await ask('DELETE', `${admission}/validatingadmissionpolicybindings/p`)
    expect(await ask('POST', configMaps, map('b'), jane)).toMatchObject({ code: 201 })
  })

  it('is told by its name of the one object that a list selects', async () => {
    const { text } = await ask('GET', `${configMaps}?fieldSelector=metadata.name%3Dx`, undefined, {
      'impersonate-user': 'nobody',
    })
    expect(json({ text } as Answer)).toMatchObject({
      message:
        'configmaps "x" is forbidden: User "nobody" cannot list resource "configmaps" in API group "" in the namespace "default"',
    })
  })

  it('creates nothing by a PUT or an apply without the right to create it', async () => {
    const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'mine' } }
    const rules = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] }
    await allow('changer', 'tom', [{ ...rules, verbs: ['get', 'update', 'patch'] }])
    const tom = { 'impersonate-user': 'tom' }
    const apply = { ...tom, 'content-type': 'application/apply-patch+yaml' }
    const applied = `${leases}/mine?fieldManager=tom`
    const refused = { code: 403, text: expect.stringContaining('leases.coordination.k8s.io \\"mine\\" is forbidden: ') }
    expect(await ask('PUT', `${leases}/mine`, lease, tom)).toMatchObject(refused)
    expect(await ask('PATCH', applied, lease, apply)).toMatchObject(refused)
    await ask('POST', leases, lease)
    expect(await ask('PATCH', applied, lease, apply)).toMatchObject({ code: 200 })
    await ask('DELETE', `${leases}/mine`)
    await allow('maker', 'tom', [{ ...rules, verbs: ['create'] }])
    expect(await ask('PATCH', applied, lease, apply)).toMatchObject({ code: 201 })
    await ask('DELETE', `${leases}/mine`)
    expect(await ask('PUT', `${leases}/mine`, lease, tom)).toMatchObject({ code: 201 })
  })

  it('is impersonated for some requests only, where that is all that is allowed', async () => {
    await allow('as-joe', 'system:serviceaccount:default:ctl', [
      {
        apiGroups: ['authentication.k8s.io'],
        resources: ['users'],
        resourceNames: ['joe'],
        verbs: ['impersonate:user-info'],
      },
      { apiGroups: [''], resources: ['configmaps'], verbs: ['impersonate-on:user-info:list'] },
    ])
    await allow('joe', 'joe', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list', 'delete'] }])
    const accounts = '/api/v1/namespaces/default/serviceaccounts'
    await ask('POST', accounts, { metadata: { name: 'ctl' } })
    const { status } = json(await ask('POST', `${accounts}/ctl/token`, { spec: {} })) as { status?: { token?: string } }
    const as = { authorization: `Bearer ${status?.token ?? ''}`, 'impersonate-user': 'joe' }
    expect(await ask('GET', configMaps, undefined, as)).toMatchObject({ code: 200 })
    expect(await ask('DELETE', `${configMaps}/a`, undefined, as)).toMatchObject({ code: 403 })
  })
})

it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('watches nothing by %s, whatever the path says', async (method) => {
  for (const path of ['/api/v1/watch/pods', '/api/v1/watch/namespaces/default/configmaps/a'])
    expect(await ask(method, path)).toMatchObject({ code: 405 })
})
