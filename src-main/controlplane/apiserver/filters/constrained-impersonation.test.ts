import { describe, expect, it } from 'vitest'
import type { UserInfo } from '../../admission/admission.ts'
import type { AccessAttributes } from '../auth/auth.ts'
import { authenticateRequest } from './authentication.ts'

const agent: UserInfo = {
  name: 'system:serviceaccount:kube-system:agent',
  groups: ['system:authenticated'],
  extra: { 'authentication.kubernetes.io/node-name': ['n1'] },
}

/** Who a request to list pods in `d` is when its sender may do these: `verb resource.group namespace/name`. */
function as(impersonate: object, may: readonly string[], sender = agent) {
  const authorize = ({ verb, group, resource, subresource, namespace, name }: AccessAttributes) => {
    const what = [resource, subresource].filter(Boolean).join('/')
    return Promise.resolve({ allowed: may.includes(`${verb} ${what}.${group} ${namespace}/${name}`) })
  }
  const request = (user: UserInfo): AccessAttributes => ({
    user,
    verb: 'list',
    group: '',
    version: 'v1',
    resource: 'pods',
    subresource: '',
    namespace: 'd',
    name: '',
    path: '',
  })
  const asked = { user: '', groups: [], extra: {}, ...impersonate }
  const credentials = { certificate: undefined, token: undefined, impersonate: asked }
  return authenticateRequest(credentials, () => sender, authorize, request)
}

const on = (mode: string): string => `impersonate-on:${mode}:list pods. d/`

describe('constrained impersonation', () => {
  it('is of a user, with groups, uid and extra, for what is allowed', async () => {
    const jane = { user: 'jane', groups: ['dev'], uid: 'u', extra: { scopes: ['view'] } }
    const parts = ['users', 'groups', 'uids', 'userextras/scopes'].map(
      (what, i) => `impersonate:user-info ${what}.authentication.k8s.io /${['jane', 'dev', 'u', 'view'][i]}`,
    )
    expect(await as(jane, [on('user-info'), ...parts])).toEqual({
      name: 'jane',
      uid: 'u',
      groups: ['dev', 'system:authenticated'],
      extra: { scopes: ['view'] },
    })
    for (const left of parts)
      await expect(as(jane, [on('user-info'), ...parts.filter((one) => one !== left)])).rejects.toThrow(
        'cannot impersonate resource "users"',
      )
    await expect(as(jane, parts)).rejects.toMatchObject({ code: 403 })
  })

  it('of nobody in particular is no more than that', async () => {
    const may = [on('user-info'), 'impersonate:user-info users.authentication.k8s.io /system:anonymous']
    expect((await as({ user: 'system:anonymous' }, may)).groups).toEqual(['system:unauthenticated'])
  })

  it('is of a service account in its namespace', async () => {
    const may = [on('serviceaccount'), 'impersonate:serviceaccount serviceaccounts.authentication.k8s.io ci/builder']
    const user = 'system:serviceaccount:ci:builder'
    expect((await as({ user }, may)).groups).toContain('system:serviceaccounts:ci')
    await expect(as({ user, groups: ['x'] }, may)).rejects.toMatchObject({ code: 403 })
    await expect(as({ user: 'system:serviceaccount:ci' }, may)).rejects.toMatchObject({ code: 403 })
  })

  it('is of any node by its name, or of the one that the impersonator is on', async () => {
    const arbitrary = [on('arbitrary-node'), 'impersonate:arbitrary-node nodes.authentication.k8s.io /n2']
    expect((await as({ user: 'system:node:n2' }, arbitrary)).groups).toEqual(['system:nodes', 'system:authenticated'])
    const own = [on('associated-node'), 'impersonate:associated-node nodes.authentication.k8s.io /*']
    expect((await as({ user: 'system:node:n1' }, own)).name).toBe('system:node:n1')
    for (const user of ['system:node:n2', 'system:node:'])
      await expect(as({ user }, own)).rejects.toMatchObject({ code: 403 })
    await expect(as({ user: 'system:node:n1', uid: 'u' }, own)).rejects.toMatchObject({ code: 403 })
    await expect(as({ user: 'system:node:n1' }, own, { name: 'n', groups: [] })).rejects.toMatchObject({ code: 403 })
  })

  it('leaves the verb of old its power', async () => {
    expect((await as({ user: 'jane' }, ['impersonate users. /jane'])).name).toBe('jane')
  })
})
