import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { parseFieldSelector } from '../../../../src-kube/machinery/fields.ts'
import type { RegistryEvent } from '../registry.ts'
import { arrange, at, type Arranged } from '../testing/arrange.ts'
import { aTool, define, settled, tool } from '../testing/crd.ts'

const text = { type: 'string' }
const versions = (storage = 'v1') => [
  {
    name: 'v1',
    served: true,
    storage: storage === 'v1',
    schema: { openAPIV3Schema: { type: 'object', properties: { hostPort: text } } },
    selectableFields: [{ jsonPath: '.hostPort' }],
  },
  {
    name: 'v2',
    served: true,
    storage: storage === 'v2',
    schema: {
      openAPIV3Schema: { type: 'object', properties: { host: text, port: text, kept: { ...text, default: 'k' } } },
    },
    selectableFields: [{ jsonPath: '.host' }],
  },
]
const conversion = {
  strategy: 'Webhook',
  webhook: { clientConfig: { url: 'https://convert.example/crd' }, conversionReviewVersions: ['v2', 'v1', 'v1beta1'] },
}
const MERGE = 'application/merge-patch+json'

/** `hostPort: a:1` of v1 is `host: a, port: 1` of v2. */
function converted(object: KubeObject, apiVersion: string): KubeObject {
  const { hostPort, host, port, ...rest } = object as KubeObject & Record<string, string>
  if (apiVersion.endsWith('v1')) return { ...rest, apiVersion, hostPort: `${host}:${port}` }
  const [before, after] = String(hostPort).split(':')
  return { ...rest, apiVersion, host: before, port: after }
}

interface Review {
  apiVersion: string
  request: { uid: string; desiredAPIVersion: string; objects: KubeObject[] }
}

/** Definition and objects, and a webhook that can be given other answers. */
async function converting(reviewVersions?: string[]) {
  const asked: Array<{ url: string | undefined; seconds: number; review: Review }> = []
  const webhook = {
    asked,
    answer({ request }: Review): object {
      const convertedObjects = request.objects.map((object) => converted(object, request.desiredAPIVersion))
      return { uid: request.uid, result: { status: 'Success' }, convertedObjects }
    },
    wrap: ({ apiVersion }: Review, response: object | undefined): object => ({
      apiVersion,
      kind: 'ConversionReview',
      response,
    }),
  }
  const arranged = await arrange({
    askWebhook(config, body, seconds) {
      const review = JSON.parse(body) as Review
      asked.push({ url: config.url, seconds, review })
      return Promise.resolve(JSON.stringify(webhook.wrap(review, webhook.answer(review))))
    },
  })
  const config = reviewVersions
    ? { ...conversion, webhook: { ...conversion.webhook, conversionReviewVersions: reviewVersions } }
    : conversion
  await define(arranged, { versions: versions(), conversion: config })
  return { ...arranged, webhook }
}

async function storeIn({ registry, write }: Arranged, version: string): Promise<void> {
  const crd = at('apiextensions.k8s.io/v1', 'CustomResourceDefinition', '', 'tools.example.com')
  await registry.patch(crd, MERGE, { spec: { versions: versions(version) } }, write)
  await settled()
}

const v2 = { version: 'v2' }
const stored = async ({ store }: Arranged, name: string): Promise<unknown> =>
  JSON.parse(Buffer.from((await store.range(`/registry/example.com/tools/ns/${name}`)).items[0]!.value).toString())

describe('a custom kind whose versions a webhook converts', () => {
  test('is read in another version as the webhook makes it, asked once, in the version of review both know', async () => {
    const { registry, write, webhook } = await converting()
    const made = await registry.create(tool(registry), aTool('a', { hostPort: 'x:1' }), write)
    expect(made.object).toMatchObject({ apiVersion: 'example.com/v1', hostPort: 'x:1' })
    expect(webhook.asked).toEqual([])
    const target = tool(registry, 'a', v2)
    const entry = await registry.read(target)
    expect(JSON.parse(entry.json(target.served).toString())).toEqual({
      apiVersion: 'example.com/v2',
      kind: 'Tool',
      metadata: made.object.metadata,
      host: 'x',
      port: '1',
    })
    expect((await registry.read(target)).as(target.served)).toBe(entry.as(target.served))
    expect(webhook.asked).toMatchObject([
      {
        url: 'https://convert.example/crd',
        seconds: 30,
        review: {
          kind: 'ConversionReview',
          apiVersion: 'apiextensions.k8s.io/v1',
          request: { desiredAPIVersion: 'example.com/v2', objects: [{ hostPort: 'x:1' }] },
        },
      },
    ])
  })

  test('is written in another version, changed there, and stored in the storage version', async () => {
    const arranged = await converting()
    const { registry, write } = arranged
    const target = tool(registry, '', v2)
    const made = await registry.create(target, aTool('a', { host: 'h', port: '2' }, 'v2'), write)
    expect(made.as(target.served)).toMatchObject({ apiVersion: 'example.com/v2', host: 'h', port: '2' })
    expect(await stored(arranged, 'a')).toMatchObject({ apiVersion: 'example.com/v1', hostPort: 'h:2' })
    const changed = await registry.patch(tool(registry, 'a', v2), MERGE, { port: '3' }, write)
    expect(changed.object).toMatchObject({ host: 'h', port: '3', metadata: { generation: 2 } })
    expect(await stored(arranged, 'a')).toMatchObject({ apiVersion: 'example.com/v1', hostPort: 'h:3' })
    const applied = aTool('b', { host: 'h', port: '4' }, 'v2')
    await registry.patch(tool(registry, 'b', v2), 'application/apply-patch+yaml', applied, write)
    expect((await registry.read(tool(registry, 'b'))).object).toMatchObject({ hostPort: 'h:4' })
    const gone = await registry.delete(tool(registry, 'b', v2), {}, write)
    expect(gone.entry.object).toMatchObject({ port: '4' })
  })

  test('is listed in one version though it is stored in several, with the defaults of the version stored', async () => {
    const arranged = await converting()
    const { registry, write, webhook } = arranged
    await registry.create(tool(registry), aTool('a', { hostPort: 'x:1' }), write)
    await storeIn(arranged, 'v2')
    const crd = at('apiextensions.k8s.io/v1', 'CustomResourceDefinition', '', 'tools.example.com')
    expect((await registry.read(crd)).object['status']).toMatchObject({ storedVersions: ['v1', 'v2'] })
    await registry.create(tool(registry, '', v2), aTool('b', { host: 'y', port: '2' }, 'v2'), write)
    const listed = async (version: string) =>
      (await registry.listEntries(tool(registry, '', { version }), {})).entries.map(({ object }) => object)
    webhook.asked.length = 0
    expect(await listed('v2')).toMatchObject([
      { apiVersion: 'example.com/v2', host: 'x', port: '1' },
      { apiVersion: 'example.com/v2', host: 'y', port: '2', kept: 'k' },
    ])
    expect(webhook.asked.map(({ review }) => review.request.objects.length)).toEqual([1])
    expect(await listed('v1')).toMatchObject([{ hostPort: 'x:1' }, { hostPort: 'y:2' }])
    // Written as it is, an object moves to the version of today.
    await registry.patch(tool(registry, 'a', v2), MERGE, {}, write)
    expect(await stored(arranged, 'a')).toMatchObject({ apiVersion: 'example.com/v2', host: 'x' })
    const before = registry.revision
    await registry.patch(tool(registry, 'a', v2), MERGE, {}, write)
    expect(registry.revision).toBe(before)
  })

  test('is watched in another version', async () => {
    const { registry, write } = await converting()
    const stop = new AbortController()
    const events = await registry.watch(tool(registry, '', v2), { bookmarks: false, signal: stop.signal })
    await registry.create(tool(registry), aTool('a', { hostPort: 'x:1' }), write)
    await registry.patch(tool(registry, 'a'), MERGE, { hostPort: 'x:2' }, write)
    await registry.delete(tool(registry, 'a'), {}, write)
    expect(await told(events, 3)).toEqual(['ADDED a x:1', 'MODIFIED a x:2', 'DELETED a x:2'])
    stop.abort()
  })

  test('is selected by fields of the version asked for, when listed and when watched', async () => {
    const { registry, write } = await converting()
    const fields = parseFieldSelector('host=x')
    const stop = new AbortController()
    await registry.create(tool(registry), aTool('a', { hostPort: 'x:1' }), write)
    await registry.create(tool(registry), aTool('b', { hostPort: 'y:1' }), write)
    const target = tool(registry, '', v2)
    const { entries } = await registry.listEntries(target, { fields })
    expect(entries.map(({ object }) => object.metadata.name)).toEqual(['a'])
    const events = await registry.watch(target, { fields, bookmarks: false, signal: stop.signal })
    await registry.patch(tool(registry, 'b'), MERGE, { hostPort: 'x:7' }, write)
    await registry.patch(tool(registry, 'b'), MERGE, { hostPort: 'x:8' }, write)
    const left = await registry.patch(tool(registry, 'b'), MERGE, { hostPort: 'z:1' }, write)
    await registry.delete(tool(registry, 'b'), {}, write)
    await registry.delete(tool(registry, 'a'), {}, write)
    const seen: RegistryEvent[] = []
    expect(await told(events, 5, seen)).toEqual([
      'ADDED a x:1',
      'ADDED b x:7',
      'MODIFIED b x:8',
      'DELETED b x:8',
      'DELETED a x:1',
    ])
    expect(seen[3]).toMatchObject({ entry: { object: { metadata: { resourceVersion: String(left.revision) } } } })
    await expect(registry.listEntries(target, { fields: parseFieldSelector('hostPort=x') })).rejects.toThrow(
      'field label not supported: hostPort',
    )
    stop.abort()
  })
})

async function told(events: AsyncIterable<readonly RegistryEvent[]>, count: number, seen: RegistryEvent[] = []) {
  const lines: string[] = []
  for await (const batch of events) {
    for (const event of batch) {
      if (event.type === 'BOOKMARK') continue
      const { metadata, host, port } = event.entry.object as KubeObject & Record<string, string>
      seen.push(event)
      lines.push(`${event.type} ${metadata.name} ${host}:${port}`)
    }
    if (lines.length >= count) break
  }
  return lines
}

describe('a webhook that does not convert', () => {
  const words = 'conversion webhook for example.com/v1, Kind=Tool'
  const success = (convertedObjects: unknown[]) => ({ result: { status: 'Success' }, convertedObjects })
  const one = (change: object) => (review: Review) => ({
    uid: review.request.uid,
    ...success([{ ...converted(review.request.objects[0]!, 'example.com/v2'), ...change }]),
  })
  const meta = (change: object) => (review: Review) =>
    one({ metadata: { ...review.request.objects[0]!.metadata, ...change } })(review)

  test.each<[string, (review: Review) => object | undefined, string]>([
    ['none', () => undefined, `${words} failed: no response provided`],
    ['another uid', () => ({ ...success([]), uid: 'x' }), `${words} failed: expected response.uid="`],
    [
      'a failure',
      ({ request }) => ({ uid: request.uid, result: { status: 'Failure', message: 'cannot' } }),
      `${words} failed: cannot`,
    ],
    [
      'a failure without words',
      ({ request }) => ({ uid: request.uid, result: { status: 'Failure' } }),
      `${words} failed: response.result.status was 'Failure', not 'Success'`,
    ],
    ['too few', ({ request }) => ({ uid: request.uid, ...success([]) }), `${words} returned 0 objects, expected 1`],
    [
      'another version',
      one({ apiVersion: 'example.com/v3' }),
      `${words} returned invalid object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v3)`,
    ],
    [
      'another kind',
      one({ kind: 'Other' }),
      `${words} returned invalid object at index 0: invalid kind (expected Tool, received Other)`,
    ],
    ['another name', meta({ name: 'b' }), `${words} returned invalid object: must have the same name: a != b`],
    ['no metadata', one({ metadata: undefined }), `${words} returned invalid object: must have the same name: a != `],
    [
      'bad labels',
      meta({ labels: { a: 1 } }),
      `${words} returned invalid metadata: metadata.labels[a] must be a string, but is number`,
    ],
    ['labels that are none', meta({ labels: 'x' }), `${words} returned invalid metadata: metadata.labels is no object`],
    ['illegal labels', meta({ labels: { 'a b': 'c' } }), `${words} returned invalid metadata: metadata.labels`],
  ])('answers %s', async (_what, answer, message) => {
    const { registry, write, webhook } = await converting()
    await registry.create(tool(registry), aTool('a', { hostPort: 'x:1' }), write)
    const good = webhook.answer.bind(webhook)
    webhook.answer = answer as typeof webhook.answer
    const read = registry.read(tool(registry, 'a', v2))
    await expect(read).rejects.toMatchObject({ code: 500, message: expect.stringContaining(message) as string })
    // It is asked again, and deleting does not depend on it.
    webhook.answer = good
    await registry.read(tool(registry, 'a', v2))
    webhook.answer = answer as typeof webhook.answer
    await registry.patch(tool(registry, 'a'), MERGE, { hostPort: 'x:2' }, write)
    expect((await registry.deleteCollection(tool(registry, '', v2), {}, {}, write)).entries).toHaveLength(1)
    expect((await registry.listEntries(tool(registry), {})).entries).toEqual([])
  })

  test('may change labels and annotations, and nothing else of the metadata', async () => {
    const { registry, write, webhook } = await converting()
    await registry.create(tool(registry), aTool('a', { hostPort: 'x:1' }), write)
    webhook.answer = meta({ labels: { a: 'b' }, annotations: null, generation: 77 })
    const { object } = await registry.read(tool(registry, 'a', v2))
    expect(object.metadata).toMatchObject({ labels: { a: 'b' }, generation: 1 })
  })

  test('speaks no version of review that is known', async () => {
    const { registry, write } = await converting(['v1beta1'])
    await registry.create(tool(registry), aTool('a', { hostPort: 'x:1' }), write)
    await registry.read(tool(registry, 'a', v2))
    const crd = at('apiextensions.k8s.io/v1', 'CustomResourceDefinition', '', 'tools.example.com')
    const versionless = { spec: { conversion: { webhook: { conversionReviewVersions: ['v9'] } } } }
    await expect(registry.patch(crd, MERGE, versionless, write)).rejects.toThrow(
      'must include at least one of v1, v1beta1',
    )
  })

  test('of v1 says what it is; of v1beta1 need not', async () => {
    const old = await converting(['v1beta1'])
    await old.registry.create(tool(old.registry), aTool('a', { hostPort: 'x:1' }), old.write)
    old.webhook.wrap = (_review, response) => ({ response })
    expect((await old.registry.read(tool(old.registry, 'a', v2))).object).toMatchObject({ host: 'x' })
    const { registry, write, webhook } = await converting()
    await registry.create(tool(registry), aTool('a', { hostPort: 'x:1' }), write)
    webhook.wrap = (_review, response) => ({ response })
    await expect(registry.read(tool(registry, 'a', v2))).rejects.toThrow(
      'expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got',
    )
  })
})
