import type { Pod } from '#types/core/v1'
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import { groupOrder, kinds } from '../../../src-kube/kinds/index.ts'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { decodeProtobuf } from '../../../src-kube/machinery/protobuf/decode.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import type { Description } from './aggregation/descriptions.ts'
import { issuerDocuments } from './auth/issuer-discovery.ts'
import { Discovery } from './discovery.ts'
import { FlowControl } from './flow-control/index.ts'
import { Exchange, type Incoming, type Outgoing } from './http/exchange.ts'
import { parseRequest } from './http/request-info.ts'
import { servePath, type PathContext } from './paths.ts'
import { ResourceTable } from './resources.ts'

const resources = new ResourceTable(kinds, groupOrder)
/** What other servers say of themselves in version 2. */
const described: Description[] = []
const context: PathContext = {
  discovery: new Discovery(resources, []),
  resources,
  health: new Map(),
  metrics: () => [],
  pods: () =>
    Promise.resolve([
      partial<Pod>({
        metadata: { name: 'p' },
        spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] },
      }),
    ]),
  address: 'https://127.0.0.1:6443',
  ready: Promise.resolve(),
  clock: new FakeClock(Date.UTC(2026, 0, 1)),
  flowControl: new FlowControl(new FakeClock()),
  placement: (pod: string) =>
    pod === 'shop/web-1'
      ? {
          uid: 'u',
          time: 5,
          attempt: 2,
          nodeName: 'n2',
          message: undefined,
          refused: new Map([
            ['n1', { reasons: ['Insufficient cpu'] }],
            ['n4', { reasons: ['untolerated taint(s)'], detail: 'untolerated taint {gpu: }' }],
          ]),
          feasible: [{ name: 'n2' }, { name: 'n3' }],
          scores: { NodeResourcesFit: [90, 40] },
        }
      : undefined,
  aggregation: {
    descriptions: () => Promise.resolve(described),
    documents: () => ({ 'apis/o.example.com/v1': '/openapi/v3/apis/o.example.com/v1?hash=O' }),
    has: (group) => group === 'o.example.com',
    forward: (exchange) => Promise.resolve(exchange.send(200, 'of another server', 'text/plain')),
  },
  issuer: issuerDocuments('https://issuer', generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey),
}

interface Answer {
  code: number
  headers: Record<string, string>
  body: Buffer
}

/** A GET without a socket. */
async function get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  const answer: Answer = { code: 0, headers: {}, body: Buffer.alloc(0) }
  const response = {
    writeHead: (code: number, sent: unknown) => void Object.assign(answer, { code, headers: sent }),
    end: (body?: unknown) => void (answer.body = (body as Buffer | undefined) ?? answer.body),
  }
  const request = { method: 'GET', headers } as Incoming
  await servePath(new Exchange(request, partial<Outgoing>(response), parseRequest('GET', url)), context)
  return answer
}

const json = ({ body }: Answer): Record<string, unknown> => JSON.parse(body.toString()) as Record<string, unknown>

describe('OpenAPI version 3', () => {
  test('lists each group version under a hash, and the hash makes its document immutable', async () => {
    const index = json(await get('/openapi/v3')) as { paths: Record<string, { serverRelativeURL: string }> }
    const url = index.paths['apis/apps/v1']!.serverRelativeURL
    expect(url).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{128}$/)
    const { code, headers } = await get(url)
    expect(code).toBe(200)
    expect(headers).toMatchObject({
      'cache-control': 'public, immutable',
      expires: 'Fri, 01 Jan 2027 00:00:00 GMT',
      etag: `"${url.split('=')[1]}"`,
    })
  })

  test('comes as protocol buffers too, under the same hash', async () => {
    const accept = 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf'
    const [plain, packed] = [await get('/openapi/v3/apis/apps/v1'), await get('/openapi/v3/apis/apps/v1', { accept })]
    expect(packed.headers['content-type']).toBe('application/com.github.proto-openapi.spec.v3.v1.0+protobuf')
    expect(packed.headers['etag']).toBe(plain.headers['etag'])
    expect(packed.body.subarray(0, 7).toString()).toBe('\n\u00053.0.0')
    await expect(get('/openapi/v3/apis/none/v1', { accept })).rejects.toMatchObject({ code: 404 })
  })

  test('sends who asks by an old hash to the new one', async () => {
    const { code, headers } = await get('/openapi/v3/apis/apps/v1?hash=OLD')
    expect(code).toBe(301)
    expect(headers['location']).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{128}$/)
  })

  test('is not sent again to who has it', async () => {
    const first = await get('/openapi/v3/apis/apps/v1')
    const again = await get('/openapi/v3/apis/apps/v1', { 'if-none-match': first.headers['etag']! })
    expect(again.code).toBe(304)
    expect(again.body).toHaveLength(0)
  })

  test('is compressed for who takes it so', async () => {
    const plain = await get('/openapi/v3/api/v1')
    const zipped = await get('/openapi/v3/api/v1', { 'accept-encoding': 'gzip' })
    expect(zipped.headers['content-encoding']).toBe('gzip')
    expect(zipped.body.length).toBeLessThan(plain.body.length / 3)
  })

  test('explains kinds and their fields', async () => {
    const document = json(await get('/openapi/v3/apis/apps/v1')) as {
      components: { schemas: Record<string, { description: string; properties: Record<string, object> }> }
    }
    const deployment = document.components.schemas['io.k8s.api.apps.v1.Deployment']!
    expect(deployment.description).toMatch(/^Deployment enables declarative updates/)
    expect(deployment.properties['spec']).toMatchObject({
      description: expect.stringMatching(/^Specification of the desired behavior of the Deployment/),
    })
    const { properties } = document.components.schemas['io.k8s.api.apps.v1.DeploymentSpec']!
    expect(properties['template']).toMatchObject({
      description: expect.stringMatching(/^Template describes the pods that will be created/),
      allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.PodTemplateSpec' }],
    })
  })

  test('describes what is only posted', async () => {
    const { paths } = json(await get('/openapi/v3/api/v1')) as { paths: Record<string, object> }
    expect(Object.keys(paths['/api/v1/namespaces/{namespace}/bindings']!)).toEqual(['post', 'parameters'])
    const reviews = json(await get('/openapi/v3/apis/authorization.k8s.io/v1')) as { paths: Record<string, object> }
    expect(Object.keys(reviews.paths)).toContain('/apis/authorization.k8s.io/v1/subjectaccessreviews')
  })

  test('points to nothing that is not there', async () => {
    for (const path of ['api/v1', 'apis/apps/v1', 'apis/policy/v1', 'apis/certificates.k8s.io/v1']) {
      const { paths, components } = json(await get(`/openapi/v3/${path}`)) as {
        paths: object
        components: { schemas: Record<string, object> }
      }
      const referred = JSON.stringify(paths).matchAll(/#\/components\/schemas\/([^"]+)/g)
      expect([...referred].filter(([, name]) => !components.schemas[name!])).toEqual([])
    }
  })

  test('has what lists share once, and a document for every path of discovery', async () => {
    const { paths, components } = json(await get('/openapi/v3/api/v1')) as {
      paths: object
      components: { parameters: Record<string, object> }
    }
    const shared = [...JSON.stringify(paths).matchAll(/#\/components\/parameters\/([^"]+)/g)].map(([, name]) => name!)
    expect(shared.length).toBeGreaterThan(100)
    expect(shared.filter((name) => !components.parameters[name])).toEqual([])
    const index = json(await get('/openapi/v3')) as { paths: Record<string, object> }
    for (const [path, type] of [
      ['api', 'APIVersions'],
      ['apis', 'APIGroupList'],
      ['apis/apps', 'APIGroup'],
    ] as const) {
      expect(Object.keys(index.paths)).toContain(path)
      const general = json(await get(`/openapi/v3/${path}`)) as {
        paths: Record<string, object>
        components: { schemas: Record<string, object> }
      }
      expect(Object.keys(general.paths)).toEqual([`/${path}/`])
      expect(Object.keys(general.components.schemas)).toContain(`io.k8s.apimachinery.pkg.apis.meta.v1.${type}`)
    }
  })

  test('has the documents of other servers, who answer for them', async () => {
    const { paths } = json(await get('/openapi/v3')) as { paths: Record<string, object> }
    const url = '/openapi/v3/apis/o.example.com/v1?hash=O'
    expect(paths['apis/o.example.com/v1']).toEqual({ serverRelativeURL: url })
    expect((await get(url)).body.toString()).toBe('of another server')
  })

  test('refuses unknown documents and forms', async () => {
    await expect(get('/openapi/v3/apis/none/v1')).rejects.toMatchObject({ code: 404 })
    await expect(get('/openapi/v3/api/v1', { accept: 'text/html' })).rejects.toMatchObject({ code: 406 })
  })
})

test('OpenAPI version 2 and aggregated discovery are not sent again to who has them', async () => {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
  for (const [url, headers] of [
    ['/openapi/v2', {}],
    ['/openapi/v2', { accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' }],
    ['/apis', { accept }],
    ['/api', { accept }],
  ] as const) {
    const first = await get(url, headers)
    expect(first).toMatchObject({ code: 200, headers: { vary: expect.stringContaining('Accept') } })
    const again = await get(url, { ...headers, 'if-none-match': first.headers['etag']! })
    expect(again.code).toBe(304)
  }
})

test('Others learn how to check the tokens of service accounts', async () => {
  const configuration = json(await get('/.well-known/openid-configuration'))
  expect(configuration).toMatchObject({ issuer: 'https://issuer', jwks_uri: 'https://issuer/openid/v1/jwks' })
  const answer = await get('/openid/v1/jwks')
  expect(answer.headers['content-type']).toBe('application/jwk-set+json')
  expect(json(answer)).toMatchObject({
    keys: [{ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', kid: expect.any(String) }],
  })
  expect(JSON.stringify(json(answer))).not.toContain('"d"')
  for (const path of ['/.well-known/openid-configuration', '/openid/v1/jwks'])
    expect((await get(`${path}/`)).body).toEqual((await get(path)).body)
})

describe('what the scheduler decided', () => {
  test('is told of a pod: who was refused and why, who would do, and the scores by plugin', async () => {
    const answer = await get('/debug/scheduler/decisions/shop/web-1')
    expect([answer.code, json(answer)]).toEqual([
      200,
      {
        pod: 'shop/web-1',
        uid: 'u',
        time: 5,
        attempt: 2,
        nodeName: 'n2',
        refused: { n1: ['Insufficient cpu'], n4: ['untolerated taint {gpu: }'] },
        feasible: ['n2', 'n3'],
        scores: { NodeResourcesFit: [90, 40] },
      },
    ])
  })

  test('is not there for a pod that is not remembered', async () => {
    await expect(get('/debug/scheduler/decisions/shop/web-2')).rejects.toMatchObject({ code: 404 })
  })
})

describe('health', () => {
  test.each([
    ['/healthz', 'ok'],
    ['/livez/ping', 'ok'],
    ['/readyz/shutdown', 'ok'],
    ['/livez/poststarthook/rbac/bootstrap-roles', 'ok'],
    ['/readyz/informer-sync?verbose', 'ok'],
  ])('%s', async (path, words) => {
    const { code, body } = await get(path)
    expect([code, body.toString()]).toEqual([200, words])
  })

  test.each([
    ['/healthz?verbose=1', ['ping', 'log', 'etcd'], 'healthz check passed'],
    ['/livez?verbose', ['ping', 'log', 'etcd'], 'livez check passed'],
    ['/readyz?verbose', ['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync'], 'readyz check passed'],
  ])('%s names what upstream’s suites look for', async (path, first, last) => {
    const lines = (await get(path)).body.toString().split('\n')
    expect(lines.slice(0, first.length)).toEqual(first.map((name) => `[+]${name} ok`))
    for (const name of [
      'poststarthook/crd-informer-synced',
      'poststarthook/bootstrap-controller',
      'autoregister-completion',
    ])
      expect(lines).toContain(`[+]${name} ok`)
    expect(lines.slice(-2)).toEqual([last, ''])
  })

  test('fails, and says by what, while the store does not answer', async () => {
    context.checkStore = () => Promise.reject(new Error('etcdserver: request timed out'))
    try {
      const { code, body } = await get('/readyz')
      expect(code).toBe(500)
      const lines = body.toString().split('\n')
      expect(lines.slice(1, 5)).toEqual([
        '[+]log ok',
        '[-]etcd failed: reason withheld',
        '[-]etcd-readiness failed: reason withheld',
        '[+]informer-sync ok',
      ])
      expect(lines.slice(-2)).toEqual(['readyz check failed', ''])
      const alone = await get('/livez/etcd')
      expect([alone.code, alone.body.toString()]).toEqual([
        500,
        'internal server error: etcdserver: request timed out\n',
      ])
      expect((await get('/livez/ping')).code).toBe(200)
      expect((await get('/livez?exclude=etcd')).code).toBe(200)
    } finally {
      context.checkStore = undefined
    }
  })

  test('leaves out what it is told to, and says what it cannot', async () => {
    const words = (await get('/livez?verbose&exclude=etcd&exclude=x')).body.toString()
    expect(words).toContain('[+]etcd excluded: ok\n')
    expect(words).toContain('warn: some health checks cannot be excluded: no matches for "x"\nlivez check passed\n')
  })

  test('is counted for who keeps promises about it', async () => {
    const told = async (): Promise<string> => (await get('/metrics/slis')).body.toString()
    const line = (count: number): string =>
      `kubernetes_healthchecks_total{name="informer-sync",status="success",type="readyz"} ${count}\n`
    const before = Number(/name="informer-sync",status="success",type="readyz"\} (\d+)/.exec(await told())?.[1])
    await get('/readyz')
    const metrics = await told()
    expect(metrics).toContain(line(before + 1))
    expect(metrics).toContain('kubernetes_healthcheck{name="etcd",type="livez"} 1\n')
  })

  test('stands beside what pods ask for', async () => {
    const { body, headers } = await get('/metrics/resources')
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(body.toString()).toContain('resource="cpu",unit="cores"} 1\n')
  })

  test('is told of no check that there is not', async () => {
    for (const url of ['/livez/nothing', '/livez/informer-sync'])
      await expect(get(url)).rejects.toMatchObject({ code: 404 })
  })
})

test('No browser guesses what an answer on health is', async () => {
  for (const url of ['/healthz', '/readyz?verbose', '/livez/ping'])
    expect(await get(url)).toMatchObject({ code: 200, headers: { 'x-content-type-options': 'nosniff' } })
})

describe('OpenAPI version 2', () => {
  const document = async () =>
    json(await get('/openapi/v2')) as {
      paths: Record<string, Record<string, { operationId: string; responses: { 200: { schema: object } } }>>
      definitions: Record<string, Record<string, unknown>>
    }

  test('has lists over all namespaces, and subresources with what they speak', async () => {
    const { paths, definitions } = await document()
    expect(Object.keys(paths['/apis/apps/v1/deployments']!)).toEqual(['get', 'parameters'])
    const one = '/apis/apps/v1/namespaces/{namespace}/deployments/{name}'
    expect(Object.keys(paths[`${one}/status`]!)).toEqual(['get', 'patch', 'put', 'parameters'])
    expect(paths[`${one}/scale`]!['get']).toMatchObject({
      'x-kubernetes-group-version-kind': { group: 'autoscaling', version: 'v1', kind: 'Scale' },
      responses: { 200: { schema: { $ref: '#/definitions/io.k8s.api.autoscaling.v1.Scale' } } },
    })
    const pod = '/api/v1/namespaces/{namespace}/pods/{name}'
    expect(paths[`${pod}/log`]!['get']!.responses[200].schema).toEqual({ type: 'string' })
    expect(paths[`${pod}/exec`]!['post']).toMatchObject({ 'x-kubernetes-action': 'connect' })
    expect(definitions['io.k8s.api.authentication.v1.TokenRequest']!['x-kubernetes-group-version-kind']).toEqual([
      { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
    ])
  })

  test('gives each operation a name of its own, and points to nothing that is not there', async () => {
    const { paths, definitions } = await document()
    const ids = Object.values(paths).flatMap((path) =>
      Object.values(path).flatMap(({ operationId }) => operationId ?? []),
    )
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([])
    const referred = JSON.stringify(paths).matchAll(/#\/definitions\/([^"]+)/g)
    expect([...referred].filter(([, name]) => !definitions[name!])).toEqual([])
  })
})

describe('Discovery in protocol buffers', () => {
  const accept = 'application/vnd.kubernetes.protobuf'

  test('has what JSON has, in every document', async () => {
    for (const path of ['/apis', '/api/v1', '/apis/apps', '/apis/apps/v1']) {
      const { headers, body } = await get(path, { accept })
      expect(headers['content-type']).toBe(accept)
      const expected = JSON.stringify(json(await get(path)))
      const found = decodeProtobuf(body)
      expect(found).toMatchObject({ kind: JSON.parse(expected).kind as string })
      const names = (text: string): string[] => [...text.matchAll(/"name":"([^"]+)"/g)].map(([, name]) => name!)
      expect(names(JSON.stringify(found))).toEqual(names(expected))
    }
  })

  test('says which versions there are', async () => {
    const { body } = await get('/api', { accept })
    expect(decodeProtobuf(body)).toMatchObject({ kind: 'APIVersions', versions: ['v1'] })
  })

  test('is there in its aggregated form, under its own entity tag', async () => {
    const form = ';g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    const { headers, body } = await get('/apis', { accept: `${accept}${form}, application/json${form}` })
    expect(headers['content-type']).toBe(`${accept}${form}`)
    expect(headers['etag']).not.toBe((await get('/apis', { accept: `application/json${form}` })).headers['etag'])
    const { items } = decodeProtobuf(body) as { items: object[] }
    expect(items[0]).toMatchObject({ metadata: { name: 'apiregistration.k8s.io' } })
    const apps = JSON.stringify(items.find((item) => (item as { metadata: { name: string } }).metadata.name === 'apps'))
    expect(apps).toContain('"responseKind":{"group":"apps","version":"v1","kind":"Deployment"}')
  })

  test('is refused in a form that it has not', async () => {
    await expect(get('/apis/apps/v1', { accept: 'text/html' })).rejects.toMatchObject({ code: 406 })
  })
})

test('Documents are read and not written, and no check ends with a slash', async () => {
  const send = async (method: string, url: string): Promise<unknown> => {
    const request = { method, headers: {} } as Incoming
    const response = partial<Outgoing>({ destroyed: false, writeHead: () => {}, end: () => {} })
    return servePath(new Exchange(request, response, parseRequest(method, url)), context).catch(
      (error: { code: number }) => error.code,
    )
  }
  for (const url of ['/version', '/api', '/api/v1', '/apis/apps/v1']) expect(await send('POST', url)).toBe(405)
  for (const url of ['/apis', '/apis/apps', '/healthz']) expect(await send('POST', url)).toBeUndefined()
  expect(await send('GET', '/healthz/')).toBe(404)
})

test('Version 2 has in it what other servers say of theirs, in both its forms', async () => {
  const kind = { group: 'o.example.com', version: 'v1', kind: 'Flunder' }
  const definition = { type: 'object', 'x-kubernetes-group-version-kind': [kind] }
  const part = { paths: { '/apis/o.example.com/v1/flunders': { get: {} } }, definitions: { Flunder: definition } }
  onTestFinished(() => void (described.length = 0))
  const read = async () =>
    json(await get('/openapi/v2')) as { definitions: Record<string, object>; paths: Record<string, object> }
  expect((await read()).definitions['Flunder']).toBeUndefined()
  described.push({ tag: '"a"', part })
  const { definitions, paths } = await read()
  expect(definitions['Flunder']).toEqual(definition)
  expect(definitions['io.k8s.api.core.v1.Pod']).toBeDefined()
  expect(paths['/apis/o.example.com/v1/flunders']).toEqual({ get: {} })
  const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
  expect((await get('/openapi/v2', { accept })).body.includes('Flunder')).toBe(true)
  described[0] = { tag: '"b"', part: { ...part, definitions: { Flunder: { ...definition, description: 'new' } } } }
  expect((await read()).definitions['Flunder']).toMatchObject({ description: 'new' })
})
