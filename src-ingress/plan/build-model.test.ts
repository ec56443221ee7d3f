import { describe, expect, it } from 'vitest'
import { testCertificates } from '../../src-wire/testing/certificates.ts'
import { ingress, path, PREFIX, secret, service, slice, sources, to } from '../testing/objects.ts'
import { buildModel, type Sources } from './build-model.ts'

const build = (ingresses: Sources['ingresses'], more: Partial<Sources> = {}) =>
  buildModel(sources([...ingresses], more))
const serverOf = (model: ReturnType<typeof buildModel>, host: string) => model.servers.find((one) => one.host === host)
const { cert, key } = testCertificates.server
const tls = (name: string, data: Record<string, string>) => {
  const found = secret(name, data)
  return { secret: (asked: string) => (asked === `shop/${name}` ? found : undefined) }
}

describe('backends', () => {
  const http = { name: 'http', port: 80, protocol: 'TCP' as const }
  const backendOf = (port: number | string, more: Partial<Sources>) =>
    build([ingress('a', { 'a.dev': [path('/', 'web', 'Prefix', port)] })], more).servers[1]!.locations[0]!.backend
  const serversOf = (port: number | string, more: Partial<Sources>) =>
    build([ingress('a', { 'a.dev': [path('/', 'web', 'Prefix', port)] })], more).upstreams[0]?.servers

  it('are the ready endpoints of the port, by number or name', () => {
    const known = {
      service: () => service('web', [http, { name: 'admin', port: 9000, protocol: 'TCP' }]),
      slices: () => [
        slice(
          ['10.0.0.2', '!10.0.0.3', '10.0.0.1'],
          [
            { name: 'http', port: 8080 },
            { name: 'admin', port: 9001 },
          ],
        ),
        slice(['10.0.0.2', 'fd00::1'], [{ name: 'http', port: 8080 }]),
      ],
    }
    expect(serversOf(80, known)).toEqual(['10.0.0.1:8080', '10.0.0.2:8080', '[fd00::1]:8080'])
    expect(serversOf('admin', known)).toEqual(['10.0.0.1:9001', '10.0.0.2:9001'])
    expect(serversOf(81, known)).toBeUndefined()
  })

  it('are none while the service is not there, has no such port, or nothing ready', () => {
    expect(backendOf(80, { service: () => undefined })).toEqual({ type: 'none' })
    expect(backendOf(81, {})).toEqual({ type: 'none' })
    expect(backendOf(80, { slices: () => [slice(['!10.0.0.1', 'name'], [{ name: 'http', port: 80 }])] })).toEqual({
      type: 'none',
    })
    expect(backendOf(80, { slices: () => [slice(['10.0.0.1'], [])] })).toEqual({ type: 'none' })
  })

  it('are outside for a service that is a name', () => {
    const named = (externalName: string, ports = [http]) => ({
      service: () => service('web', ports, { type: 'ExternalName', externalName }),
    })
    expect(backendOf(80, named('Files.dev.'))).toEqual({ type: 'outside', host: 'files.dev', port: 80 })
    expect(backendOf(8443, named('files.dev', []))).toEqual({ type: 'outside', host: 'files.dev', port: 8443 })
    expect(backendOf('x', named('files.dev', []))).toEqual({ type: 'outside', host: 'files.dev', port: 80 })
    expect(backendOf(80, named('files.dev/;'))).toEqual({ type: 'none' })
  })

  it('cannot be anything but services', () => {
    const resource = { resource: { apiGroup: 'a.dev', kind: 'Bucket', name: 'b' } }
    const { problems } = build([ingress('a', {}, { spec: { defaultBackend: resource } })])
    expect(problems[0]).toMatchObject({ reason: 'Rejected', message: 'Bucket cannot be a backend: only services can' })
  })
})

describe('an Ingress that cannot be routed', () => {
  it('is left out by an annotation that cannot be ignored, and the others stay', () => {
    const bad = ingress('bad', { 'bad.dev': [path('/', 'web')] }, { annotations: { 'whitelist-source-range': 'x' } })
    const model = build([bad, ingress('good', { 'good.dev': [path('/', 'web')] })])
    expect(model.servers.map(({ host }) => host)).toEqual(['', 'good.dev'])
    expect(model.problems).toMatchObject([{ ingress: bad, reason: 'Rejected' }])
  })

  it('loses hosts and paths that are none, and keeps the rest', () => {
    const model = build([
      ingress('a', {
        'a.dev;': [path('/', 'web')],
        'b.dev': [path('x', 'web'), path('/\n', 'web'), path('/ok', 'web')],
      }),
    ])
    expect(model.problems.map(({ message }) => message)).toEqual([
      'host "a.dev;" is not a name',
      'path "x" is not a path',
      'path "/\\n" is not a path',
    ])
    expect(serverOf(model, 'b.dev')!.locations.map(({ pattern }) => pattern)).toEqual(['/ok/', '/ok'])
  })

  it('leaves to the older what both want, and is told', () => {
    const [older, younger] = [
      ingress('older', { 'a.dev': [path('/x', 'web')] }),
      ingress('younger', { 'a.dev': [path('/x', 'api')] }),
    ]
    const model = build([younger, older])
    expect(serverOf(model, 'a.dev')!.locations.every((one) => one.ingress === 'shop/older')).toBe(true)
    expect(model.problems).toMatchObject([
      { ingress: younger, message: 'host "a.dev" and path "/x" are routed by Ingress shop/older already' },
    ])
  })

  it('repeats itself without being told', () => {
    expect(build([ingress('a', { 'a.dev': [path('/x', 'web'), path('/x/', 'api')] })]).problems).toEqual([])
  })
})

describe('default backends', () => {
  it('take what no path of their hosts takes, and what no host takes', () => {
    const model = build([
      ingress('a', { 'a.dev': [path('/x', 'web')] }, { spec: { defaultBackend: to('api') } }),
      ingress('b', { 'a.dev': [path('/', 'web')] }),
    ])
    const root = (host: string) => serverOf(model, host)!.locations.find(({ pattern }) => pattern === '/')!.ingress
    expect([root(''), root('a.dev')]).toEqual(['shop/a', 'shop/b'])
    expect(model.problems).toEqual([])
  })

  it('of a host and a name that is no text of a path is the whole host', () => {
    const bare = ingress('a', { 'a.dev': [{ pathType: 'ImplementationSpecific', backend: to('web') }] })
    expect(serverOf(build([bare]), 'a.dev')!.locations).toMatchObject([{ modifier: '', pattern: '/' }])
  })
})

describe('certificates', () => {
  const secured = (name: string, secretName: string | undefined, hosts: string[] | undefined, host = 'a.dev') =>
    ingress(
      name,
      { [host]: [path('/', 'web')] },
      { spec: { tls: [{ ...(hosts ? { hosts } : {}), ...(secretName ? { secretName } : {}) }] } },
    )

  it('are those of the hosts that name them, of all hosts when none is named, and of hosts under a wildcard', () => {
    const known = tls('tls', { 'tls.crt': cert, 'tls.key': key })
    for (const one of [
      secured('a', 'tls', ['a.dev']),
      secured('a', 'tls', undefined),
      secured('a', 'tls', ['*.dev']),
    ]) {
      const model = build([one], known)
      expect(serverOf(model, 'a.dev')!.certificate).toMatch(/^tls-[0-9a-f]{24}\.pem$/)
      expect(model.files[0]!.content).toBe(`${cert.trim()}\n${key.trim()}\n`)
      expect(serverOf(model, 'a.dev')!.locations[0]!.redirectToHttps).toBe(true)
    }
    expect(serverOf(build([secured('a', 'tls', ['b.dev'])], known), 'a.dev')!.certificate).toBeUndefined()
  })

  it("of a host without a secret are the controller's own", () => {
    const model = build([secured('a', undefined, ['a.dev'])])
    expect(serverOf(model, 'a.dev')).toMatchObject({ locations: [{ redirectToHttps: true }] })
    expect(model.problems).toEqual([])
  })

  it.each([
    ['that is not there', undefined, 'does not exist'],
    ['without a key', { 'tls.crt': cert }, 'has no tls.key'],
    ['that cannot be read', { 'tls.crt': 'x', 'tls.key': key }, 'holds no readable certificate and key'],
    [
      'of another key',
      { 'tls.crt': testCertificates.ca, 'tls.key': key },
      'holds a key that is not the key of its certificate',
    ],
    ['that is no text', { 'tls.crt': `${cert}\0`, 'tls.key': key }, 'has a tls.crt that is no text'],
  ])('in a Secret %s are told of, and the older Ingress of the host may have a better one', (_words, data, words) => {
    const bad = secured('bad', 'bad', ['a.dev'])
    const [found, good] = [data && secret('bad', data), secret('good', { 'tls.crt': cert, 'tls.key': key })]
    const known = { secret: (name: string) => (name === 'shop/bad' ? found : good) }
    const model = build([bad], known)
    expect(model.problems).toMatchObject([
      { ingress: bad, reason: 'Ignored', message: expect.stringContaining(`Secret shop/bad ${words}`) },
    ])
    expect(serverOf(model, 'a.dev')!.certificate).toBeUndefined()
    expect(serverOf(build([bad, secured('b', 'good', ['a.dev'])], known), 'a.dev')!.certificate).toBeDefined()
  })
})

describe('users', () => {
  const guarded = ingress(
    'a',
    { 'a.dev': [path('/', 'web')] },
    { annotations: { 'auth-type': 'basic', 'auth-secret': 'users' } },
  )

  it('are a file of the Secret', () => {
    const model = build([guarded], tls('users', { auth: 'eve:x' }))
    expect(model.files).toMatchObject([{ content: 'eve:x\n' }])
    expect(serverOf(model, 'a.dev')!.locations[0]!.users).toBe(model.files[0]!.name)
  })

  it('that are not known let nobody in', () => {
    const model = build([guarded])
    expect(serverOf(model, 'a.dev')!.locations[0]).toMatchObject({ backend: { type: 'none' } })
    expect(model.problems[0]).toMatchObject({ reason: 'Rejected', message: 'Secret shop/users does not exist' })
  })
})

describe('canaries', () => {
  const canary = (name: string, hosts: Parameters<typeof ingress>[1], more: Parameters<typeof ingress>[2] = {}) =>
    ingress(name, hosts, { ...more, annotations: { canary: 'true', 'canary-weight': '5' } })
  const messages = (model: ReturnType<typeof buildModel>) => model.problems.map(({ message }) => message)

  it('stand beside the path of another Ingress, though they are older', () => {
    const older = canary('next', { 'a.dev': [path('/', 'api')] })
    const model = buildModel(sources([older, ingress('now', { 'a.dev': [path('/', 'web')] })]))
    const [location] = model.servers.find(({ host }) => host === 'a.dev')!.locations
    expect(location).toMatchObject({
      ingress: 'shop/now',
      backend: { upstream: 'web.80.shop' },
      canary: { when: { share: 500 }, backend: { upstream: 'api.80.shop' } },
    })
    expect(model.upstreams.map(({ name }) => name)).toEqual(['api.80.shop', 'web.80.shop'])
    expect(model.problems).toEqual([])
  })

  it('stand beside a default backend', () => {
    const spec = (name: string) => ({ spec: { defaultBackend: to(name) } })
    const model = buildModel(sources([ingress('now', {}, spec('web')), canary('next', {}, spec('api'))]))
    expect(model.servers[0]!.locations[0]!.canary?.backend).toMatchObject({ upstream: 'api.80.shop' })
  })

  it('that stand beside nothing, or beside another canary, are told', () => {
    const now = ingress('now', { 'a.dev': [path('/', 'web')] })
    const beside = (at: string, host = 'a.dev') => canary('next', { [host]: [path(at, 'api')] })
    const told = (...more: ReturnType<typeof ingress>[]) => messages(buildModel(sources([now, ...more])))
    expect(told(beside('/x'))).toEqual([
      'no other Ingress routes host "a.dev" and path "/x", beside which a canary could stand',
    ])
    expect(told(beside('', 'b.dev'))[0]).toContain('host "b.dev" and path "/"')
    expect(told(beside('/'), beside('/'))).toEqual(['host "a.dev" and path "/" have a canary already'])
    const resource = { spec: { rules: [{ host: 'a.dev', http: { paths: [{ ...path('/', 'x'), backend: {} }] } }, {}] } }
    expect(told(canary('next', {}, resource))[0]).toContain('no other Ingress')
  })

  it('without an endpoint lead nowhere', () => {
    const all = [ingress('now', { 'a.dev': [path('/', 'web')] }), canary('next', { 'a.dev': [path('/', 'missing')] })]
    const server = buildModel(sources(all)).servers.find(({ host }) => host === 'a.dev')
    expect(server?.locations[0]?.canary?.backend).toEqual({ type: 'none' })
  })
})

it('the first Ingress of a host says where its root leads', () => {
  const of = (name: string, root: string) =>
    ingress(name, { 'a.dev': [path(`/${name}`, 'web')] }, { annotations: { 'app-root': root } })
  expect(serverOf(build([of('a', '/one'), of('b', '/two')]), 'a.dev')!.appRoot).toBe('/one')
})

it('what an annotation asks for in vain is told', () => {
  const { problems } = build([
    ingress('a', { 'a.dev': [path('/', 'web')] }, { annotations: { 'mirror-target': 'https://b.dev' } }),
  ])
  expect(problems).toMatchObject([{ reason: 'Ignored', message: `annotation ${PREFIX}mirror-target is not supported` }])
})
