import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { serviceAccountSecrets, TOKEN_TYPE } from './service-account-secrets.ts'
import { harness } from './testing/harness.ts'

let h = harness([])
beforeEach(async () => {
  h = harness([serviceAccountSecrets('PEM')])
  h.server.intercept = ({ verb, subresource, name }) =>
    verb === 'create' && subresource === 'token' ? partial({ status: { token: `token of ${name}` } }) : undefined
  await h.start()
})
afterEach(() => h.finish())

const account = (name: string, uid = `uid-${name}`) =>
  h.server.put(refs.serviceAccounts, { metadata: { name, namespace: 'a', uid } })
const secret = (name: string, of: string, more: object = {}, type = TOKEN_TYPE) =>
  h.server.put(refs.secrets, {
    metadata: { name, namespace: 'a', annotations: { 'kubernetes.io/service-account.name': of, ...more } },
    type,
  })
const found = (name: string) => h.server.peek(refs.secrets, name, 'a')

// kubernetes.io, "Manually create an API token for a ServiceAccount".
describe('a secret for the token of an account', () => {
  it('is filled', async () => {
    const { uid } = account('robot').metadata
    secret('s', 'robot')
    await h.settle()
    expect(found('s')).toMatchObject({
      metadata: { annotations: { 'kubernetes.io/service-account.uid': uid } },
      data: { token: btoa('token of robot'), 'ca.crt': btoa('PEM'), namespace: btoa('a') },
    })
    const asked = h.server.calls.filter(({ subresource }) => subresource === 'token')
    expect(asked).toHaveLength(1)
    expect(asked[0]?.body).toMatchObject({
      spec: { expirationSeconds: 2 ** 32, boundObjectRef: { kind: 'Secret', name: 's' } },
    })
  })

  it('is filled again where it was emptied, and keeps its token', async () => {
    account('robot')
    secret('s', 'robot')
    await h.settle()
    const whole = found('s')!
    h.server.put(refs.secrets, { ...whole, data: { token: whole.data!['token']! } })
    await h.settle()
    expect(found('s')?.data).toEqual(whole.data)
    expect(h.server.calls.filter(({ subresource }) => subresource === 'token')).toHaveLength(1)
  })

  it('goes with its account, and when the account is another one', async () => {
    account('robot')
    secret('s', 'robot')
    secret('other', 'robot', { 'kubernetes.io/service-account.uid': 'one before' })
    await h.settle()
    expect(found('other')).toBeUndefined()
    h.server.remove(refs.serviceAccounts, 'robot', 'a')
    await h.settle()
    expect(found('s')).toBeUndefined()
  })

  it('leaves other secrets alone', async () => {
    secret('plain', 'robot', {}, 'Opaque')
    await h.settle()
    expect(found('plain')?.data).toBeUndefined()
  })
})
