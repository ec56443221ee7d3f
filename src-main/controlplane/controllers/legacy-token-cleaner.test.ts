import { afterEach, beforeEach, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import { legacyTokenCleaner, TRACKING } from './legacy-token-cleaner.ts'
import { harness } from './testing/harness.ts'

const DAY = 86_400_000
const PERIOD = 10 * DAY

let h = harness([])
beforeEach(async () => {
  h = harness([legacyTokenCleaner(PERIOD)])
  h.server.put(refs.configMaps, { metadata: { name: TRACKING, namespace: 'kube-system' }, data: { since: day(0) } })
  h.server.put(refs.serviceAccounts, { metadata: { name: 'a', namespace: 'd' }, secrets: [{ name: 't' }] })
  await h.start()
})
afterEach(() => h.finish())

const day = (after: number): string => new Date(h.clock.now() + after * DAY).toISOString().slice(0, 10)
const token = (more: { name?: string; type?: string; labels?: Record<string, string>; account?: string } = {}) => {
  const { name = 't', type = 'kubernetes.io/service-account-token', labels, account = 'a' } = more
  h.server.put(refs.secrets, {
    metadata: {
      name,
      namespace: 'd',
      creationTimestamp: formatTime(h.clock.now()),
      annotations: { 'kubernetes.io/service-account.name': account },
      ...(labels ? { labels } : {}),
    },
    type,
  })
}
const found = () => h.server.all(refs.secrets).at(0)?.metadata

it('a token that nobody used is marked invalid, and goes after as long again', async () => {
  token()
  await h.pass(9 * DAY)
  expect(found()?.labels).toBeUndefined()
  await h.pass(3 * DAY)
  expect(found()?.labels?.['kubernetes.io/legacy-token-invalid-since']).toMatch(/^2026-01-1[123]$/)
  await h.pass(8 * DAY)
  expect(found()).toBeDefined()
  await h.pass(5 * DAY)
  expect(found()).toBeUndefined()
})

it.each([
  ['was used lately', { labels: { 'kubernetes.io/legacy-token-last-used': '2026-01-20' } }],
  ['was used on a day that is none', { labels: { 'kubernetes.io/legacy-token-last-used': 'soon' } }],
  ['no account names', { name: 'mine' }],
  ['is of an account that is gone', { account: 'gone' }],
  ['is no token', { type: 'Opaque' }],
])('a secret that %s stays as it is', async (_why, more) => {
  token(more)
  await h.pass(20 * DAY)
  expect(found()?.labels?.['kubernetes.io/legacy-token-invalid-since']).toBeUndefined()
  expect(found()).toBeDefined()
})

it('a token that a pod mounts stays as it is', async () => {
  const volumes = [{ name: 'v', secret: { secretName: 't' } }]
  h.server.put(refs.pods, { metadata: { name: 'p', namespace: 'd' }, spec: { containers: [], volumes } })
  token()
  await h.pass(20 * DAY)
  expect(found()?.labels).toBeUndefined()
})

it('nothing is marked before uses have been noted for as long', async () => {
  h.server.put(refs.configMaps, { metadata: { name: TRACKING, namespace: 'kube-system' }, data: { since: day(15) } })
  token()
  await h.pass(20 * DAY)
  expect(found()?.labels).toBeUndefined()
  h.server.remove(refs.configMaps, TRACKING, 'kube-system')
  await h.pass(20 * DAY)
  expect(found()?.labels).toBeUndefined()
})
