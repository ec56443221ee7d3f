import { describe, expect, test, vi } from 'vitest'
import type { StatusError } from '../../../src-kube/machinery/errors.ts'
import { parseFieldSelector } from '../../../src-kube/machinery/fields.ts'
import { parseLabelSelector } from '../../../src-kube/machinery/labels.ts'
import type { EntryList } from './registry.ts'
import { arrange, at, configMap, type Arranged } from './testing/arrange.ts'

const maps = at('v1', 'ConfigMap', 'd')
const names = (list: EntryList): string[] => list.entries.map((entry) => entry.object.metadata.name)

async function five(): Promise<Arranged> {
  const arranged = await arrange()
  for (const name of ['e', 'b', 'a', 'd', 'c']) {
    const labels = { even: String('bd'.includes(name)) }
    await arranged.registry.create(maps, configMap(name, {}, { labels }), arranged.write)
  }
  return arranged
}

describe('list', () => {
  test('is in the order of names, at the newest revision, over one or all namespaces', async () => {
    const { registry, write } = await five()
    await registry.create(at('v1', 'ConfigMap', 'c'), configMap('z'), write)
    const list = await registry.listEntries(maps, {})
    expect(names(list)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(list.resourceVersion).toBe('6')
    expect(names(await registry.listEntries(at('v1', 'ConfigMap'), {}))).toEqual(['z', 'a', 'b', 'c', 'd', 'e'])
  })

  test('goes on page by page at the revision of the first page', async () => {
    const { registry, write } = await five()
    const first = await registry.listEntries(maps, { limit: 2 })
    expect(first.remainingItemCount).toBe(3)
    await registry.delete({ ...maps, name: 'c' }, {}, write)
    const second = await registry.listEntries(maps, { limit: 2, continue: first.continue })
    expect([names(second), second.remainingItemCount, second.resourceVersion]).toEqual([['c', 'd'], 1, '5'])
    const third = await registry.listEntries(maps, { limit: 2, continue: second.continue })
    expect([names(third), third.continue, third.remainingItemCount]).toEqual([['e'], undefined, undefined])
  })

  test('pages through a selection without counting what remains', async () => {
    const { registry } = await five()
    const labels = parseLabelSelector('even=true')
    const first = await registry.listEntries(maps, { labels, limit: 1 })
    expect([names(first), first.remainingItemCount]).toEqual([['b'], undefined])
    const second = await registry.listEntries(maps, { labels, limit: 1, continue: first.continue })
    expect([names(second), second.continue]).toEqual([['d'], undefined])
  })

  test.each([
    'null',
    '7',
    '[]',
    '{"v":"meta.k8s.io/v1","start":"d/a"}',
    '{"v":"meta.k8s.io/v1","rv":"x","start":"d/a"}',
    '{"v":"meta.k8s.io/v1","rv":1,"start":"../a"}',
  ])('refuses the continue token %s', async (json) => {
    const { registry } = await five()
    const token = Buffer.from(json).toString('base64url')
    await expect(registry.listEntries(maps, { continue: token })).rejects.toMatchObject({ code: 400 })
  })

  test('says of a broken continue token what the real server says', async () => {
    const { registry } = await five()
    await expect(registry.listEntries(maps, { continue: 'bm90IGpzb24' })).rejects.toMatchObject({
      code: 400,
      message:
        "invalid continue token: continue key is not valid: invalid character 'o' in literal null (expecting 'u')",
    })
    // What the token says is looked at before what stands beside it.
    const beside = registry.listEntries(maps, { continue: 'bm90IGpzb24', resourceVersion: '5' })
    await expect(beside).rejects.toThrow('invalid continue token')
  })

  test.each([
    ['x', 'illegal base64 data at input byte 0'],
    ['bm90IGpzb2=', 'illegal base64 data at input byte 10'],
    [{ v: 'v2', rv: 1, start: 'd/a' }, 'server does not recognize this encoded version "v2"'],
    [{ v: 'meta.k8s.io/v1', rv: 0, start: 'd/a' }, 'incorrect encoded start resourceVersion (version meta.k8s.io/v1)'],
    [{ v: 'meta.k8s.io/v1', rv: 1, start: '' }, 'encoded start key empty (version meta.k8s.io/v1)'],
  ])('says what is wrong with the continue token %j', async (content, why) => {
    const { registry } = await five()
    const token = typeof content === 'string' ? content : Buffer.from(JSON.stringify(content)).toString('base64url')
    await expect(registry.listEntries(maps, { continue: token })).rejects.toMatchObject({
      code: 400,
      message: `invalid continue token: continue key is not valid: ${why}`,
    })
  })

  test('reads the past behind a selector in steps, and only as far as a page needs', async () => {
    const { registry, write, store } = await arrange()
    for (let i = 0; i < 1_200; i++) {
      const labels = { chosen: String([0, 700, 710, 720].includes(i)) }
      await registry.create(maps, configMap(`m${String(i).padStart(4, '0')}`, {}, { labels }), write)
    }
    const labels = parseLabelSelector('chosen=true')
    const first = await registry.listEntries(maps, { labels, limit: 1 })
    const range = vi.spyOn(store, 'range')
    const second = await registry.listEntries(maps, { labels, limit: 2, continue: first.continue })
    expect([names(second), second.resourceVersion]).toEqual([['m0700', 'm0710'], '1200'])
    expect(range.mock.calls.map(([, options]) => options?.limit)).toEqual([500, 500])
    const third = await registry.listEntries(maps, { labels, limit: 2, continue: second.continue })
    expect([names(third), third.continue]).toEqual([['m0720'], undefined])
  })

  test('takes a limit of 0 as none', async () => {
    const { registry } = await five()
    expect(names(await registry.listEntries(maps, { limit: 0 }))).toHaveLength(5)
  })

  test('answers 410 when the first page has been compacted away, with a token for the rest', async () => {
    const { registry, write, store } = await five()
    const first = await registry.listEntries(maps, { limit: 2 })
    await registry.create(maps, configMap('f'), write)
    await store.compact(6)
    const failed = registry.listEntries(maps, { limit: 2, continue: first.continue })
    await expect(failed).rejects.toMatchObject({
      code: 410,
      reason: 'Expired',
      message: expect.stringMatching(/^The provided continue parameter is too old/),
    })
    const refusal = await failed.catch((error: unknown) => error)
    const rest = (refusal as StatusError).toStatus().metadata.continue
    expect(names(await registry.listEntries(maps, { continue: rest }))).toEqual(['c', 'd', 'e', 'f'])
  })

  test('answers 410 for a token that is older than etcd would keep its list, once anything has changed', async () => {
    const { registry, write, clock } = await five()
    const first = await registry.listEntries(maps, { limit: 2 })
    const next = () => registry.listEntries(maps, { limit: 2, continue: first.continue })
    await clock.advance(6 * 60_000)
    expect(names(await next())).toEqual(['c', 'd'])
    await registry.create(maps, configMap('f'), write)
    const refusal = await next().catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 410, reason: 'Expired' })
    const token = (refusal as StatusError).toStatus().metadata.continue
    const rest = await registry.listEntries(maps, { limit: 3, continue: token })
    expect([names(rest), rest.remainingItemCount, rest.resourceVersion]).toEqual([['c', 'd', 'e'], 1, '6'])
  })

  test('shows the past when exactly that is asked for', async () => {
    const { registry } = await five()
    const past = await registry.listEntries(maps, { resourceVersion: '2', resourceVersionMatch: 'Exact' })
    expect([names(past), past.resourceVersion]).toEqual([['b', 'e'], '2'])
    const fresh = await registry.listEntries(maps, { resourceVersion: '2', resourceVersionMatch: 'NotOlderThan' })
    expect(names(fresh)).toHaveLength(5)
  })

  test('waits for a revision that is about to come', async () => {
    const { registry, write } = await five()
    const waiting = registry.listEntries(maps, { resourceVersion: '6' })
    await registry.create(maps, configMap('f'), write)
    expect(names(await waiting)).toHaveLength(6)
  })

  test('gives up after three seconds on a revision that does not come', async () => {
    const { registry, clock } = await five()
    const waiting = registry.listEntries(maps, { resourceVersion: '9' })
    const [refused] = await Promise.allSettled([waiting, clock.advance(3_000)])
    expect(refused).toMatchObject({
      status: 'rejected',
      reason: {
        code: 504,
        reason: 'Timeout',
        message: 'Timeout: Too large resource version: 9, current: 5',
        details: { retryAfterSeconds: 1 },
      },
    })
    expect(clock.pending).toBe(0)
  })

  test('refuses tokens and revisions that are none', async () => {
    const { registry } = await five()
    await expect(registry.listEntries(maps, { continue: 'nonsense' })).rejects.toMatchObject({ code: 400 })
    await expect(registry.listEntries(maps, { resourceVersion: 'x' })).rejects.toMatchObject({ code: 400 })
  })

  test('names the fields of a kind that has none of its own', async () => {
    const { registry } = await five()
    await expect(registry.listEntries(maps, { fields: parseFieldSelector('data.x=1') })).rejects.toMatchObject({
      code: 400,
      message: '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    })
    const volumes = at('v1', 'PersistentVolume', '')
    const fields = parseFieldSelector('metadata.namespace=x')
    expect((await registry.listEntries(volumes, { fields })).entries).toEqual([])
    await expect(registry.listEntries(at('v1', 'Node', ''), { fields })).rejects.toThrow(
      'field label not supported: metadata.namespace',
    )
  })

  test('refuses a get at what is no revision', async () => {
    const { registry, write } = await arrange()
    await registry.create(
      at('v1', 'ConfigMap', 'd'),
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
      write,
    )
    const get = registry.read(at('v1', 'ConfigMap', 'd', 'a'), { resourceVersion: 'abc' })
    await expect(get).rejects.toMatchObject({ code: 400 })
  })
})
