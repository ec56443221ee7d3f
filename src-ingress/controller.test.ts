import { afterEach, beforeEach, expect, it } from 'vitest'
import { refs } from '../src-kube/client/refs.ts'
import { advance, settle } from '../src-kube/client/testing/advance.ts'
import { FakeTransport } from '../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../src-kube/client/typed-client.ts'
import { INGRESS_CONTROLLER } from '../src-kube/kinds/networking/ingress-controller.ts'
import { FakeClock } from '../src-kube/machinery/clock.ts'
import { testCertificates } from '../src-wire/testing/certificates.ts'
import { startController } from './controller.ts'
import { RefusedConfiguration } from './host/nginx.ts'
import type { File } from './plan/model.ts'
import { ingress, options, path, PREFIX, secret, service, slice } from './testing/objects.ts'

let clock: FakeClock
let server: FakeTransport
let abort: AbortController
let applied: Array<{ text: string; files: readonly File[] }>
let names: ReadonlyMap<string, readonly string[]>
/** What nginx refuses. */
let refuses: (text: string) => boolean

beforeEach(() => {
  clock = new FakeClock()
  server = new FakeTransport({ clock })
  abort = new AbortController()
  applied = []
  refuses = () => false
  server.put(refs.ingressClasses, { metadata: { name: 'nginx' }, spec: { controller: INGRESS_CONTROLLER } })
  server.put(refs.services, service('web', [{ name: 'http', port: 80, protocol: 'TCP' }]))
  putSlice('10.0.0.1')
  server.put(refs.services, {
    metadata: { name: 'front', namespace: 'in', annotations: { 'drydock.dev/desktop-ports': '80=8080' } },
    spec: {},
    status: { loadBalancer: { ingress: [{ ip: '127.0.0.1' }] } },
  })
})
afterEach(() => abort.abort())

function putSlice(...addresses: string[]): void {
  const one = slice(addresses, [{ name: 'http', port: 8080 }])
  server.put(refs.endpointSlices, {
    ...one,
    metadata: { name: 'web-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
  })
}

async function start(): Promise<void> {
  const test = (text: string) =>
    refuses(text) ? Promise.reject(new RefusedConfiguration('it is wrong')) : Promise.resolve()
  let current = ''
  const started = startController({
    transport: server,
    clock,
    signal: abort.signal,
    configuration: {
      test,
      async apply(text, files) {
        await test(text)
        if (text === current) return false
        current = text
        applied.push({ text, files })
        return true
      },
    },
    names: { set: (known) => (names = known) },
    service: 'in/front',
    pod: { apiVersion: 'v1', kind: 'Pod', name: 'controller', namespace: 'in', uid: '1' },
    nginx: options,
    log: () => undefined,
  })
  await advance(clock, 200)
  await started
  await advance(clock, 200)
}

const put = (name: string, host: string, more: Parameters<typeof ingress>[2] = {}) =>
  server.put(refs.ingresses, ingress(name, { [host]: [path('/', 'web')] }, more))
const events = () => server.all(refs.events).map(({ involvedObject, reason }) => `${involvedObject.name} ${reason}`)
const statusOf = (name: string) => server.all(refs.ingresses).find(({ metadata }) => metadata.name === name)!.status
const latest = () => applied.at(-1)!.text

it('an Ingress is routed, told so, and given the addresses and ports of the service in front', async () => {
  put('a', 'a.dev')
  put('other', 'other.dev', { spec: { ingressClassName: 'traefik' } })
  await start()
  expect(latest()).toContain('server_name "a.dev"')
  expect(latest()).not.toContain('other.dev')
  expect([...names]).toEqual([['web.80.shop', ['10.0.0.1']]])
  const ports = [{ port: 8080, protocol: 'TCP' }]
  expect(statusOf('a')).toEqual({ loadBalancer: { ingress: [{ ip: '127.0.0.1', ports }] } })
  expect(statusOf('other')).toBeUndefined()
  expect(events()).toEqual(['a Sync'])
})

it('pods that come change names alone, and what comes together is one configuration', async () => {
  put('a', 'a.dev')
  await start()
  putSlice('10.0.0.1', '10.0.0.2')
  await advance(clock, 1_200)
  expect(names.get('web.80.shop')).toEqual(['10.0.0.1', '10.0.0.2'])
  expect(applied).toHaveLength(1)
  for (const name of ['b', 'c', 'd']) put(name, `${name}.dev`)
  await advance(clock, 1_200)
  expect(applied).toHaveLength(2)
})

it('the one that nginx refuses is left out and told of, until it is another', async () => {
  refuses = (text) => text.includes('bad.dev')
  put('good', 'good.dev')
  put('bad', 'bad.dev')
  await start()
  expect(latest()).toContain('good.dev')
  expect(events().toSorted()).toEqual(['bad Rejected', 'good Sync'])
  expect(statusOf('bad')).toBeUndefined()
  refuses = () => false
  await advance(clock, 5_000)
  expect(latest()).not.toContain('bad.dev')
  const bad = server.all(refs.ingresses).find(({ metadata }) => metadata.name === 'bad')!
  await createClient(server)
    .resource(refs.ingresses)
    .update({ ...bad, metadata: { ...bad.metadata, annotations: { mended: 'yes' } } })
  await advance(clock, 1_500)
  expect(latest()).toContain('bad.dev')
})

it('what nginx refuses only as a whole leaves everything as it was, and is told of the controller', async () => {
  put('a', 'a.dev')
  await start()
  refuses = (text) => text.includes('a.dev') && text.includes('b.dev')
  put('b', 'b.dev')
  await advance(clock, 1_500)
  expect(latest()).not.toContain('b.dev')
  expect(events()).toContain('controller ConfigurationRefused')
  expect(statusOf('b')).toBeUndefined()
})

it('a certificate is used as soon as its Secret is there, and followed', async () => {
  put('a', 'a.dev', { spec: { tls: [{ hosts: ['a.dev'], secretName: 'tls' }] } })
  await start()
  expect(events()).toContain('a Ignored')
  expect(applied[0]!.files).toEqual([])
  const { cert, key } = testCertificates.server
  server.put(refs.secrets, secret('tls', { 'tls.crt': cert, 'tls.key': key }))
  server.put(refs.secrets, secret('unrelated', {}))
  await advance(clock, 1_500)
  expect(applied.at(-1)!.files).toHaveLength(1)
  const asked = server.calls.filter(({ resource, verb }) => resource.resource === 'secrets' && verb === 'list')
  expect(asked.map(({ query }) => query?.['fieldSelector'])).toEqual(['metadata.name=tls'])
})

it('an Ingress that is given to another controller loses the address it had', async () => {
  put('a', 'a.dev', { annotations: { canary: 'true' } })
  await start()
  const [mine] = server.all(refs.ingresses)
  const spec = { ...mine!.spec, ingressClassName: 'traefik' }
  await createClient(server)
    .resource(refs.ingresses)
    .update({ ...mine!, spec })
  await advance(clock, 1_500)
  expect(statusOf('a')?.loadBalancer?.ingress).toBeUndefined()
  await createClient(server).resource(refs.ingresses).delete('a', 'shop')
  await advance(clock, 1_500)
  expect(latest()).not.toContain('a.dev')
})

it('many Ingresses are given their addresses, several at once', async () => {
  for (let i = 0; i < 20; i++) put(`i${i}`, `h${i}.dev`)
  await start()
  await advance(clock, 1_500)
  expect(server.all(refs.ingresses).every(({ status }) => status?.loadBalancer?.ingress?.length === 1)).toBe(true)
  expect(server.calls.filter(({ subresource }) => subresource === 'status')).toHaveLength(20)
})

it('a write that fails is tried again', async () => {
  let failures = 1
  server.intercept = ({ subresource }) => {
    if (subresource === 'status' && failures-- > 0) throw new Error('no')
    return undefined
  }
  put('a', 'a.dev')
  await start()
  expect(statusOf('a')).toBeUndefined()
  await advance(clock, 6_000)
  expect(statusOf('a')?.loadBalancer?.ingress).toHaveLength(1)
})

it('a Secret that cannot be asked for holds up nobody else', async () => {
  server.intercept = ({ resource }) => {
    if (resource.resource === 'secrets') throw new Error('no')
    return undefined
  }
  put('a', 'a.dev', { spec: { tls: [{ hosts: ['a.dev'], secretName: 'tls' }] } })
  await start()
  expect(applied).toHaveLength(0)
  await advance(clock, 4_000)
  expect(latest()).toContain('server_name "a.dev"')
})

it('only names of Secrets of the same namespace are followed', async () => {
  put('a', 'a.dev', { annotations: { 'auth-type': 'basic', 'auth-secret': 'kube-system/x,y' } })
  await start()
  await settle()
  expect(server.calls.some(({ resource }) => resource.resource === 'secrets')).toBe(false)
  expect(PREFIX).toMatch(/\/$/)
})
