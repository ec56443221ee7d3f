import { describe, expect, it } from 'vitest'
import type { AccessAttributes } from '../auth/auth.ts'
import type { Incoming } from '../http/exchange.ts'
import { authenticateRequest, credentialsOf } from './authentication.ts'

const admin = { name: 'admin', groups: ['system:authenticated'] }

/** Who a request with these headers is; `may` holds `resource name` of what the sender may impersonate. */
function ask(headers: Record<string, string | string[]>, may: string[] | 'all' = 'all') {
  const asked: string[] = []
  const authorize = ({ verb, resource, subresource, name, namespace, group }: AccessAttributes) => {
    const what = `${[resource, subresource].filter(Boolean).join('/')}${group ? `.${group}` : ''} ${namespace ? `${namespace}/` : ''}${name}`
    asked.push(what)
    return Promise.resolve({ allowed: verb === 'impersonate' && (may === 'all' || may.includes(what)) })
  }
  const credentials = () => credentialsOf({ headers } as Incoming, undefined)
  return { asked, who: async () => authenticateRequest(credentials(), () => admin, authorize) }
}

describe('a certificate that proves nothing', () => {
  const credentials = (headers: Record<string, string>) => () => credentialsOf({ headers } as Incoming, 'refused')

  it('is a reason to be refused', () => {
    expect(credentials({})).toThrow('Unauthorized')
  })

  it('is none beside a token', () => {
    expect(credentials({ authorization: 'Bearer abc' })()).toMatchObject({ certificate: undefined, token: 'abc' })
  })
})

describe('impersonation', () => {
  it('asks for every part: user, groups, uid and extra', async () => {
    const { asked, who } = ask({
      'impersonate-user': 'jane',
      'impersonate-group': 'dev',
      'impersonate-uid': 'u1',
      'impersonate-extra-scopes': ['view'],
    })
    expect(await who()).toEqual({
      name: 'jane',
      uid: 'u1',
      groups: ['dev', 'system:authenticated'],
      extra: { scopes: ['view'] },
    })
    expect(asked).toEqual([
      'users jane',
      'groups dev',
      'uids.authentication.k8s.io u1',
      'userextras/scopes.authentication.k8s.io view',
    ])
  })

  it('takes a key of extra that is no escaped text as it is', async () => {
    const { who } = ask({ 'impersonate-user': 'jane', 'impersonate-extra-50%zz': 'a', 'impersonate-extra-a%2fb': 'b' })
    expect(await who()).toMatchObject({ extra: { '50%zz': ['a'], 'a/b': ['b'] } })
  })

  it.each([
    ['group', { 'impersonate-group': 'system:masters' }],
    ['uid', { 'impersonate-uid': 'u1' }],
    ['extra', { 'impersonate-extra-scopes': 'view' }],
  ])('is refused when the %s is not allowed', async (_, headers) => {
    const { who } = ask({ 'impersonate-user': 'jane', ...headers }, ['users jane'])
    await expect(who()).rejects.toMatchObject({ code: 403 })
  })

  it('makes a service account of its name, with its groups', async () => {
    const { asked, who } = ask({ 'impersonate-user': 'system:serviceaccount:shop:till' })
    expect((await who()).groups).toEqual([
      'system:serviceaccounts',
      'system:serviceaccounts:shop',
      'system:authenticated',
    ])
    expect(asked).toEqual(['serviceaccounts shop/till'])
  })

  it('keeps values apart that were sent under one name', async () => {
    const rawHeaders = ['Impersonate-User', 'jane', 'Impersonate-Group', 'a', 'Impersonate-Group', 'b, c']
    rawHeaders.push('Impersonate-Extra-acme.com%2Fproject', 'x', 'Impersonate-Extra-acme.com%2Fproject', 'y')
    const headers = Object.fromEntries(rawHeaders.map((name) => [name.toLowerCase(), 'a, b, c']))
    expect(credentialsOf({ headers, rawHeaders } as Incoming, undefined).impersonate).toEqual({
      user: 'jane',
      groups: ['a', 'b, c'],
      extra: { 'acme.com/project': ['x', 'y'] },
    })
  })

  it('needs a user', async () => {
    await expect(ask({ 'impersonate-uid': 'u1' }).who()).rejects.toMatchObject({ code: 400 })
  })
})

describe('the Authorization header', () => {
  const token = (authorization: string) => credentialsOf({ headers: { authorization } } as Incoming, undefined).token

  it('is a bearer token, or says nothing', () => {
    expect(token('Bearer abc')).toBe('abc')
    expect(token('bearer  abc')).toBe('abc')
    expect(token('Bearer ')).toBeUndefined()
    expect(token('Basic eDp5')).toBeUndefined()
  })
})
