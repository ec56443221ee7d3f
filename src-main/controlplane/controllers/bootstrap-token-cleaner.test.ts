import { afterEach, beforeEach, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import { bootstrapTokenCleaner } from './bootstrap-token-cleaner.ts'
import { harness } from './testing/harness.ts'

let h = harness([])
beforeEach(async () => {
  h = harness([bootstrapTokenCleaner()])
  await h.start()
})
afterEach(() => h.finish())
const token = (more: { type?: string; namespace?: string; expiration?: string | undefined } = {}) => {
  const { type = 'bootstrap.kubernetes.io/token', namespace = 'kube-system' } = more
  const expiration = 'expiration' in more ? more.expiration : formatTime(h.clock.now() + 10_000)
  const data = expiration === undefined ? undefined : { expiration: btoa(expiration) }
  h.server.put(refs.secrets, {
    metadata: { name: 'bootstrap-token-abcdef', namespace },
    type,
    ...(data ? { data } : {}),
  })
}
const left = () => h.server.all(refs.secrets).length

// kubernetes.io, "Authenticating with Bootstrap Tokens".
it('a bootstrap token goes when it expires, not before', async () => {
  token()
  await h.pass(9000)
  expect(left()).toBe(1)
  await h.pass(2000)
  expect(left()).toBe(0)
})

it('a bootstrap token whose expiration is no time has expired', async () => {
  token({ expiration: 'soon' })
  await h.settle()
  expect(left()).toBe(0)
})

it.each([
  ['of another type', { type: 'Opaque' }],
  ['of another namespace', { namespace: 'default' }],
  ['without an expiration', { expiration: undefined }],
])('a secret %s stays', async (_what, more) => {
  token(more)
  await h.pass(100_000)
  expect(left()).toBe(1)
})
