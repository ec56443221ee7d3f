import { describe, expect, test } from 'vitest'
import { arrange, at } from '../testing/arrange.ts'
import { saidAgainst } from '../testing/refusals.ts'

const TIME = '2026-01-01T00:00:00.000000Z'
const event = {
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: { name: 'e' },
  regarding: { namespace: 'd', kind: 'Pod', name: 'p' },
  eventTime: TIME,
  reportingController: 'a.b/c',
  reportingInstance: 'i',
  action: 'Act',
  reason: 'Because',
  type: 'Normal',
}
const older = {
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'e' },
  involvedObject: { namespace: 'd' },
}

/** What is said against an event; empty when nothing is. */
async function said(body: object, namespace = 'd', changes?: object): Promise<string> {
  const { registry, write } = await arrange()
  const target = at((body as { apiVersion: string }).apiVersion, 'Event', namespace, 'e')
  return saidAgainst(async () => {
    await registry.create({ ...target, name: '' }, structuredClone(body), write)
    if (changes) await registry.patch(target, 'application/merge-patch+json', changes, write)
  })
}

test('An event of the core group may be named after anything, also after a role with a colon in its name', async () => {
  const { registry, write } = await arrange()
  const target = at('v1', 'Event', 'd')
  const name = 'system:Node_1.17a'
  await registry.create(target, { ...older, metadata: { name } }, write)
  expect((await registry.read({ ...target, name })).object.metadata.name).toBe(name)
  const nested = saidAgainst(() => registry.create(target, { ...older, metadata: { name: 'a/b' } }, write))
  expect(await nested).toContain(`metadata.name: Invalid value: "a/b": may not contain '/'`)
})

describe('an event of events.k8s.io', () => {
  test.each<[object, string]>([
    [{}, ''],
    [{ series: { count: 2, lastObservedTime: TIME } }, ''],
    [{ metadata: { name: 'a:b.1' } }, 'metadata.name: Invalid value: "a:b.1": a lowercase RFC 1123 subdomain must'],
    [{ reportingController: '' }, 'reportingController: Required value'],
    [{ reportingController: 'a b' }, 'reportingController: Invalid value: "a b": name part must consist of'],
    [{ reportingInstance: '' }, 'reportingInstance: Required value'],
    [{ action: '' }, 'action: Required value'],
    [{ reason: 'x'.repeat(129) }, 'reason: Invalid value: "": can have at most 128 characters'],
    [{ note: 'x'.repeat(1025) }, 'message: Invalid value: "": can have at most 1024 characters'],
    [{ eventTime: null }, 'eventTime: Required value'],
    [{ type: 'Odd' }, 'type: Invalid value: "": has invalid value: Odd'],
    [{ series: { count: 1, lastObservedTime: TIME } }, 'series.count: Invalid value: "": should be at least 2'],
    [{ series: { count: 2 } }, 'series.lastObservedTime: Required value'],
    [{ deprecatedCount: 3 }, 'count: Invalid value: "": needs to be unset'],
    [{ deprecatedSource: { component: 'x' } }, 'source: Invalid value: "": needs to be unset'],
    [{ regarding: { namespace: 'other' } }, 'involvedObject.namespace: Invalid value: "other": does not match'],
    [{ regarding: {} }, 'involvedObject.namespace: Invalid value: "": does not match event.namespace'],
  ])('%j', async (change, words) => {
    const answer = await said({ ...event, ...change })
    if (words === '') expect(answer).toBe('')
    else expect(answer).toContain(words)
  })

  test('may be counted on, and say nothing else later', async () => {
    expect(await said(event, 'd', { series: { count: 2, lastObservedTime: TIME } })).toBe('')
    expect(await said(event, 'd', { series: { count: 1, lastObservedTime: TIME } })).toContain('should be at least 2')
    expect(await said(event, 'd', { reason: 'Other' })).toBe('reason: Invalid value: "Other": field is immutable')
    expect(await said(event, 'd', { reportingController: 'z' })).toContain('reportingController: Invalid value')
  })

  test('of what is in no namespace is in default or kube-system', async () => {
    const cluster = { ...event, regarding: { kind: 'Node', name: 'n' } }
    expect([await said(cluster, 'default'), await said(cluster, 'kube-system')]).toEqual(['', ''])
  })
})

describe('an older event', () => {
  test.each<[object, string, string]>([
    [{}, 'd', ''],
    [{ type: 'Odd', series: { count: 1 } }, 'd', ''],
    [{}, 'other', 'does not match event.namespace'],
    [{ involvedObject: { kind: 'Node' } }, 'default', ''],
    [{ involvedObject: { kind: 'Node' } }, 'kube-system', 'does not match event.namespace'],
    [{ eventTime: TIME }, 'd', 'reportingController: Required value'],
  ])('%j in %s', async (change, namespace, words) => {
    const answer = await said({ ...older, ...change }, namespace)
    if (words === '') expect(answer).toBe('')
    else expect(answer).toContain(words)
  })

  test('may change', async () => {
    expect(await said({ ...older, message: 'a' }, 'd', { message: 'b', count: 2 })).toBe('')
  })
})
