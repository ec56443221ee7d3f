import type { APIService } from '#types/apiregistration.k8s.io/v1'
import { once } from 'node:events'
import {
  createServer as createHttpServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http'
import { createServer, type Server } from 'node:https'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { testCertificates as pki } from '../../../../src-wire/testing/certificates.ts'
import { listen } from '../../../../src-wire/testing/loopback.ts'
import { FakeObjects } from '../../admission/testing/arrange.ts'
import { Exchange } from '../http/exchange.ts'
import { parseRequest } from '../http/request-info.ts'
import type { StreamingOptions } from '../streaming/index.ts'
import { createAggregation, type Aggregation } from './index.ts'
import { aggregate } from './resources.ts'

const list = {
  kind: 'APIResourceList',
  resources: [
    { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs: ['get', 'list'] },
    { name: 'nodes/scale', namespaced: false, group: 'autoscaling', version: 'v1', kind: 'Scale' },
    {
      name: 'pods',
      singularName: 'pod',
      namespaced: true,
      kind: 'PodMetrics',
      verbs: ['get'],
      shortNames: ['p'],
      categories: ['all'],
    },
  ],
}

test('A list of resources becomes the aggregated form', () => {
  expect(aggregate(list, 'metrics.k8s.io', 'v1')).toEqual([
    {
      resource: 'nodes',
      responseKind: { group: 'metrics.k8s.io', version: 'v1', kind: 'NodeMetrics' },
      scope: 'Cluster',
      singularResource: '',
      verbs: ['get', 'list'],
      subresources: [
        { subresource: 'scale', responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, verbs: [] },
      ],
    },
    {
      resource: 'pods',
      responseKind: { group: 'metrics.k8s.io', version: 'v1', kind: 'PodMetrics' },
      scope: 'Namespaced',
      singularResource: 'pod',
      verbs: ['get'],
      shortNames: ['p'],
      categories: ['all'],
    },
  ])
  expect(aggregate({ kind: 'Status' }, 'g', 'v1')).toBeUndefined()
})

/** What the server says of itself in version 2, and the tags by which it was asked. */
const version2 = {
  paths: { '/apis/metrics.k8s.io/v1/nodes': { get: {} }, '/apis/other/v1': {} },
  definitions: { Unused: {} },
}
const asked: Array<string | undefined> = []

describe('a group version of another server', () => {
  let backend: Server
  let port = 0
  let seen: IncomingHttpHeaders = {}
  let healthy = true
  let index = ''
  beforeAll(async () => {
    backend = createServer(pki.server, (request, response) => {
      seen = request.headers
      if (!healthy) return void response.writeHead(500).end()
      if (request.url === '/apis/metrics.k8s.io/v1') return void response.end(JSON.stringify(list))
      if (request.url === '/openapi/v3') return void response.end(index)
      if (request.url === '/openapi/v2') {
        asked.push(request.headers['if-none-match'])
        if (request.headers['if-none-match'] === '"1"') return void response.writeHead(304).end()
        return void response.writeHead(200, { etag: '"1"' }).end(JSON.stringify(version2))
      }
      if (request.url?.includes('/deleted')) {
        const { method, headers } = request
        const code = Number(request.url.slice(-3))
        return void text(request).then((body) =>
          response.writeHead(code).end(JSON.stringify({ method, type: headers['content-type'], body })),
        )
      }
      if (request.url?.endsWith('/refused'))
        return void response.writeHead(403).end('{"reason":"Forbidden","message":"not you"}')
      if (request.url?.includes('watch=')) return response.writeHead(200).flushHeaders()
      void text(request).then((body) =>
        response.writeHead(201, { 'x-own': 'yes' }).end(`${request.method} ${request.url} ${body}`),
      )
    })
    port = await listen(backend)
  })
  afterAll(() => {
    backend.closeAllConnections()
    backend.close()
  })

  const objects = new FakeObjects()
  const clock = new FakeClock()
  const reports: APIService[] = []
  const logged: string[] = []
  let refuses = false
  let aggregation: Aggregation
  const registered = (more: object = {}): APIService =>
    ({
      metadata: { name: 'v1.metrics.k8s.io' },
      spec: {
        group: 'metrics.k8s.io',
        version: 'v1',
        insecureSkipTLSVerify: true,
        service: { name: 'm', namespace: 'n', port: 443 },
        ...more,
      },
    }) as APIService

  beforeEach(() => {
    reports.length = 0
    logged.length = 0
    refuses = false
    healthy = true
    index = '{"paths":{"apis/metrics.k8s.io/v1":{"serverRelativeURL":"/openapi/v3/apis/metrics.k8s.io/v1?hash=A"}}}'
    objects.put('', 'services', { metadata: { name: 'm', namespace: 'n' }, spec: { ports: [{ port: 443 }] } })
    objects.put('discovery.k8s.io', 'endpointslices', {
      metadata: { name: 'm', namespace: 'n', labels: { 'kubernetes.io/service-name': 'm' } },
      ports: [{ port: 8443 }],
      endpoints: [{ addresses: ['10.244.0.5'], nodeName: 'n1' }],
    })
    const tunnels = {
      get: () => ({ dial: () => Promise.resolve(connect({ host: '127.0.0.1', port })) }),
      list: () => ['n1'],
      has: () => true,
    }
    aggregation = createAggregation({
      read: objects,
      reaching: partial<StreamingOptions>({ read: objects, tunnels, log: () => {} }),
      proxy: { cert: pki.server.cert, key: pki.server.key },
      clock,
      log: (message) => void logged.push(message),
      report: (service) => (refuses ? Promise.reject(new Error('gone')) : Promise.resolve(void reports.push(service))),
    })
    aggregation.start()
    return () => {
      aggregation.stop()
      objects.remove('apiregistration.k8s.io', 'apiservices', '', 'v1.metrics.k8s.io')
    }
  })
  const register = (service: APIService) => objects.put('apiregistration.k8s.io', 'apiservices', service)
  const condition = () => reports.at(-1)?.status?.conditions?.[0]

  test('is asked what it serves, and said to be available', async () => {
    register(registered())
    await vi.waitFor(() => expect(condition()).toMatchObject({ type: 'Available', status: 'True', reason: 'Passed' }))
    expect(aggregation.has('metrics.k8s.io', 'v1')).toBe(true)
    expect(aggregation.served()).toMatchObject([
      {
        group: 'metrics.k8s.io',
        version: 'v1',
        resources: [{ resource: 'nodes' }, { resource: 'pods' }],
        stale: false,
      },
    ])
    expect(seen).toMatchObject({ 'x-remote-user': 'system:kube-aggregator', 'x-remote-group': 'system:masters' })
  })

  test('is asked outside the cluster when its service stands for a name there', async () => {
    const spec = { type: 'ExternalName', externalName: 'localhost' }
    objects.put('', 'services', { metadata: { name: 'm', namespace: 'n' }, spec })
    objects.remove('discovery.k8s.io', 'endpointslices', 'n', 'm')
    register(registered({ service: { name: 'm', namespace: 'n', port } }))
    await vi.waitFor(() => expect(condition()).toMatchObject({ status: 'True', reason: 'Passed' }))
  })

  test('that does not answer is said to be missing, and looked at again', async () => {
    healthy = false
    register(registered())
    await vi.waitFor(() => expect(condition()).toMatchObject({ status: 'False', reason: 'FailedDiscoveryCheck' }))
    expect(aggregation.served()).toEqual([{ group: 'metrics.k8s.io', version: 'v1', resources: [], stale: true }])
    healthy = true
    await clock.advance(30_000)
    await vi.waitFor(() => expect(condition()).toMatchObject({ status: 'True' }))
  })

  test('is looked at again as soon as its service or those behind it change, and said to be what it lacks', async () => {
    objects.remove('', 'services', 'n', 'm')
    register(registered())
    const says = (reason: string, message: string) =>
      vi.waitFor(() => expect(condition()).toMatchObject({ status: 'False', reason, message }))
    await says('ServiceNotFound', 'service/m in "n" is not present')
    objects.put('', 'services', { metadata: { name: 'm', namespace: 'n' }, spec: { ports: [{ port: 80 }] } })
    await says('ServicePortError', 'service/m in "n" is not listening on port 443')
    const slice = (more: object) => ({
      metadata: { name: 'm', namespace: 'n', labels: { 'kubernetes.io/service-name': 'm' } },
      ports: [{ port: 8443 }],
      endpoints: [{ addresses: ['10.244.0.5'], nodeName: 'n1', ...more }],
    })
    objects.remove('discovery.k8s.io', 'endpointslices', 'n', 'm')
    objects.put('', 'services', { metadata: { name: 'm', namespace: 'n' }, spec: { ports: [{ port: 443 }] } })
    await says('EndpointsNotFound', 'cannot find endpointslices for service/m in "n"')
    objects.put('discovery.k8s.io', 'endpointslices', slice({ conditions: { ready: false } }))
    await says('MissingEndpoints', 'endpointslices for service/m in "n" have no addresses with port name ""')
    objects.put('discovery.k8s.io', 'endpointslices', slice({}))
    await vi.waitFor(() => expect(condition()).toMatchObject({ status: 'True', reason: 'Passed' }))
  })

  test('whose status cannot be written is no reason to fall over', async () => {
    refuses = true
    register(registered())
    await vi.waitFor(() => expect(logged).toEqual(['status of APIService v1.metrics.k8s.io']))
  })

  test('answers those in this process, as the user that they are', async () => {
    const user = { name: 'u', groups: ['g'] }
    const url = '/apis/metrics.k8s.io/v1'
    const get = (path = url) => aggregation.get('metrics.k8s.io', 'v1', path, user)
    expect(await get()).toBeUndefined()
    register(registered())
    await vi.waitFor(() => expect(condition()).toMatchObject({ status: 'True' }))
    expect(await get()).toEqual(list)
    expect(seen).toMatchObject({ 'x-remote-user': 'u', 'x-remote-group': 'g' })
    await expect(get(`${url}/other`)).rejects.toThrow(`the server answered 201: GET ${url}/other`)
    await expect(get(`${url}/refused`)).rejects.toMatchObject({ code: 403, reason: 'Forbidden', message: 'not you' })
  })

  test('tells where its document of OpenAPI is, for as long as it answers', async () => {
    register(registered())
    await vi.waitFor(() => expect(condition()).toMatchObject({ status: 'True' }))
    expect(aggregation.documents()).toEqual({
      'apis/metrics.k8s.io/v1': '/openapi/v3/apis/metrics.k8s.io/v1?hash=A',
    })
    healthy = false
    await clock.advance(30_000)
    await vi.waitFor(() => expect(aggregation.documents()).toEqual({}))
  })

  test('is described in version 2 by its server, which is asked anew after a while, and stands while it says nothing', async () => {
    asked.length = 0
    expect(aggregation.descriptions()).toEqual([])
    register(registered())
    await vi.waitFor(() => expect(condition()).toMatchObject({ status: 'True' }))
    const part = { paths: { '/apis/metrics.k8s.io/v1/nodes': { get: {} } }, definitions: {}, parameters: {} }
    expect(await aggregation.descriptions()).toEqual([{ tag: '"1"', part }])
    await aggregation.descriptions()
    expect(asked).toEqual([undefined])
    await clock.advance(31_000)
    expect(await aggregation.descriptions()).toEqual([{ tag: '"1"', part }])
    expect(asked).toEqual([undefined, '"1"'])
  })

  test.each(['no index', '{}'])('that describes itself in no document (%s) is served all the same', async (said) => {
    index = said
    register(registered())
    await vi.waitFor(() => expect(condition()).toMatchObject({ status: 'True' }))
    expect(aggregation.documents()).toEqual({})
  })

  test('deletes for those in this process, now or in its own time', async () => {
    register(registered())
    await vi.waitFor(() => expect(condition()).toMatchObject({ status: 'True' }))
    const user = { name: 'u', groups: [] }
    const remove = (url: string) =>
      aggregation.ask('metrics.k8s.io', 'v1', { method: 'DELETE', url, user, body: { gracePeriodSeconds: 0 } })
    const sent = { method: 'DELETE', type: 'application/json', body: '{"gracePeriodSeconds":0}' }
    expect(await remove('/apis/metrics.k8s.io/v1/deleted?code=200')).toEqual(sent)
    expect(await remove('/apis/metrics.k8s.io/v1/deleted?code=202')).toEqual(sent)
  })

  test('is gone with its registration, and never there for a local one', async () => {
    register(registered())
    await vi.waitFor(() => expect(aggregation.served()).toHaveLength(1))
    register(registered({ service: undefined }))
    expect(aggregation.has('metrics.k8s.io', 'v1')).toBe(false)
    expect(aggregation.served()).toEqual([])
  })

  /** A request for this server, passed on as the given user. */
  async function ask(
    method: string,
    path: string,
    body = '',
    more: Record<string, string> = {},
  ): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
    const front = createHttpServer((request, response) => {
      const exchange = new Exchange(request, response, parseRequest(method, path))
      exchange.user = { name: 'jane', uid: 'u', groups: ['a', 'b'], extra: { 'example.com/x': ['y'] } }
      exchange.setHeader('audit-id', '1')
      aggregation
        .forward(exchange, 'metrics.k8s.io', 'v1')
        .catch((error: { code: number; message: string }) => response.writeHead(error.code).end(error.message))
    })
    const at = await listen(front)
    try {
      return await new Promise((resolve, reject) => {
        const own = { authorization: 'Bearer x', 'x-remote-user': 'mallory', 'content-type': 'application/json' }
        const headers = { ...own, ...more }
        const call = httpRequest({ port: at, host: '127.0.0.1', method, path, headers, agent: false }, (answer) => {
          text(answer).then(
            (words) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: words }),
            reject,
          )
        })
        call.once('error', reject)
        call.end(body)
      })
    } finally {
      front.close()
    }
  }

  test('gets what is sent with a DELETE whose length nobody told', async () => {
    register(registered())
    await vi.waitFor(() => expect(aggregation.has('metrics.k8s.io', 'v1')).toBe(true))
    const path = '/apis/metrics.k8s.io/v1/pods/p'
    const answer = await ask('DELETE', path, '{"x":1}', { 'transfer-encoding': 'chunked' })
    expect(answer).toMatchObject({ status: 201, body: `DELETE ${path} {"x":1}` })
  })

  test('gets requests as the user who makes them, and nothing by which one passes for another', async () => {
    register(registered())
    await vi.waitFor(() => expect(aggregation.has('metrics.k8s.io', 'v1')).toBe(true))
    const answer = await ask('POST', '/apis/metrics.k8s.io/v1/pods?a=b', '{"x":1}')
    expect(answer).toMatchObject({ status: 201, body: 'POST /apis/metrics.k8s.io/v1/pods?a=b {"x":1}' })
    expect(answer.headers).toMatchObject({ 'x-own': 'yes', 'audit-id': '1' })
    expect(seen).toMatchObject({
      'x-remote-user': 'jane',
      'x-remote-uid': 'u',
      'x-remote-group': 'a, b',
      'x-remote-extra-example.com%2fx': 'y',
      host: 'm.n.svc:443',
    })
    expect(seen.authorization).toBeUndefined()
  })

  test('begins a watch before there is anything to tell, and has it end with its client', async () => {
    register(registered())
    await vi.waitFor(() => expect(aggregation.has('metrics.k8s.io', 'v1')).toBe(true))
    const url = '/apis/metrics.k8s.io/v1/pods?watch=true'
    const begun = vi.fn<() => void>()
    const ended = vi.fn<() => void>()
    const front = createHttpServer((request, response) => {
      const exchange = new Exchange(request, response, parseRequest('GET', url))
      void aggregation.forward(exchange, 'metrics.k8s.io', 'v1', begun).then(ended)
    })
    const call = httpRequest({ port: await listen(front), host: '127.0.0.1', path: url, agent: false }).end()
    const [answer] = (await once(call, 'response')) as [IncomingMessage]
    expect(answer.statusCode).toBe(200)
    expect(begun).toHaveBeenCalledOnce()
    call.destroy()
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce())
    front.close()
  })

  test('that cannot be trusted or reached is unavailable', async () => {
    register(registered({ insecureSkipTLSVerify: false, caBundle: Buffer.from(pki.ca).toString('base64') }))
    await vi.waitFor(() => expect(condition()).toMatchObject({ status: 'False' }))
    expect(await ask('GET', '/apis/metrics.k8s.io/v1/pods')).toMatchObject({
      status: 503,
      body: 'service unavailable\n',
    })
    expect(logged).toEqual(['no answer from APIService v1.metrics.k8s.io'])
  })
})
