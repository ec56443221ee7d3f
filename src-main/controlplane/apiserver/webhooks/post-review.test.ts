import type { WebhookClientConfig } from '#types/admissionregistration.k8s.io/v1'
import { createServer, type Server } from 'node:https'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { testCertificates as pki } from '../../../../src-wire/testing/certificates.ts'
import { listen } from '../../../../src-wire/testing/loopback.ts'
import type { StreamingOptions } from '../streaming/index.ts'
import { postReviews } from './post-review.ts'

let server: Server
let port: number
const caBundle = Buffer.from(pki.ca).toString('base64')

beforeAll(async () => {
  server = createServer(pki.server, (request, response) => {
    if (request.url?.startsWith('/hang')) return
    if (request.url?.startsWith('/fail')) return void response.writeHead(500).end()
    void text(request).then((body) => response.end(`${request.method} ${request.url} ${body}`))
  })
  port = await listen(server)
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const services: Record<string, object> = {
  hook: { spec: { ports: [{ port: 443 }] } },
  outside: { spec: { type: 'ExternalName', externalName: 'localhost' } },
}

/** A cluster with a service `hook` of which one node has a pod, and one that stands for this machine. */
const options = partial<StreamingOptions>({
  read: {
    get: (_group: string, _resource: string, _namespace: string, name: string) => Promise.resolve(services[name]),
    list: () =>
      Promise.resolve(
        partial<KubeObject[]>([
          {
            metadata: { labels: { 'kubernetes.io/service-name': 'hook' } },
            ports: [{ port: 8443 }],
            endpoints: [{ addresses: ['10.244.0.5'], nodeName: 'n1' }],
          },
        ]),
      ),
  },
  tunnels: {
    get: () => ({ dial: (host: string, to: number) => dialled(host, to) }),
    list: () => ['n1'],
    has: () => true,
  },
  log: () => {},
})
const calls: string[] = []
function dialled(host: string, to: number) {
  calls.push(`${host}:${to}`)
  return Promise.resolve(connect({ host: '127.0.0.1', port }))
}

const post = postReviews(options)

test('A webhook with a URL is asked there, with its time limit', async () => {
  const url = `https://127.0.0.1:${port}/check?a=b`
  expect(await post({ url, caBundle }, '{"x":1}', 7)).toBe('POST /check?a=b&timeout=7s {"x":1}')
})

test('A webhook of a service is asked through a node that has one of its pods, by the name of the service', async () => {
  const service = { name: 'hook', namespace: 'ns', path: '/check' }
  // The certificate of the test is for another name: the refusal shows which one was asked for.
  await expect(post({ service, caBundle }, '{}', 5)).rejects.toThrow(
    /^failed to call webhook: Post "https:\/\/hook\.ns\.svc(:443)?\/check\?timeout=5s": .*hook\.ns\.svc/,
  )
  expect(calls).toEqual(['10.244.0.5:8443'])
})

test('A webhook of a service that stands for a name outside the cluster is asked there, from here', async () => {
  calls.length = 0
  const service = { name: 'outside', namespace: 'ns', path: '/check', port }
  await expect(post({ service, caBundle }, '{}', 5)).rejects.toThrow(
    /: tls: failed to verify certificate: x509: certificate is valid for .*, not outside\.ns\.svc$/,
  )
  expect(calls).toEqual([])
})

test.each([
  ['a service that is not there', { service: { name: 'none', namespace: 'ns' } }, /: service "none" not found$/],
  ['a server that fails', { path: '/fail' }, /^failed to call webhook: an error on the server \(".*"\) has prevented/],
  [
    'a certificate of someone else',
    { path: '/', caBundle: undefined },
    'x509: certificate signed by unknown authority',
  ],
  ['a server that is not there', { url: 'https://127.0.0.1:1/' }, 'dial tcp 127.0.0.1:1: connect: connection refused'],
])('%s is named', async (_what, config, words) => {
  const path = (config as { path?: string }).path
  const asked = path === undefined ? config : { url: `https://127.0.0.1:${port}${path}`, caBundle, ...config }
  await expect(post(asked as WebhookClientConfig, '{}', 5)).rejects.toThrow(words)
})

test('A webhook that says nothing has its time and no more', async () => {
  const url = `https://127.0.0.1:${port}/hang`
  await expect(post({ url, caBundle }, '{}', 0.05)).rejects.toThrow('context deadline exceeded')
})
