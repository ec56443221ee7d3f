import { describe, expect, it } from 'vitest'
import type { ConfigMap, Container, Pod, Secret, Service } from '#types/core/v1'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { containerEnvironment, type EnvironmentFacts, environmentNeeds } from './environment.ts'
import { expand } from './expand.ts'
import { serviceVariables } from './service-variables.ts'

const service = (namespace: string, name: string, spec: object) => ({ metadata: { name, namespace }, spec }) as Service
const web = service('shop', 'my-web', {
  clusterIP: '10.96.0.9',
  ports: [
    { name: 'http-main', port: 80 },
    { port: 53, protocol: 'UDP' },
  ],
})
const api = service('default', 'kubernetes', { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443 }] })

const base64 = (words: string) => Buffer.from(words).toString('base64')
const facts: EnvironmentFacts = {
  nodeName: 'n1',
  nodeIp: '172.28.0.11',
  podIp: '10.244.0.2',
  allocatable: { cpu: '3', memory: '2Gi' },
  services: [web, api],
  configMaps: new Map([['settings', partial<ConfigMap>({ data: { level: 'low', DEPTH: '3' } })]]),
  files: new Map<string, Map<string, string> | Error>([
    ['v/app.env', new Map([['MODE', 'fast']])],
    ['v/bad.env', new Error("couldn't parse env file: x")],
  ]),
  secrets: new Map([['keys', partial<Secret>({ data: { token: base64('tøken') } })]]),
}
const pod = partial<Pod>({
  metadata: { name: 'p', namespace: 'shop', uid: 'u', labels: { app: 'x' } },
  spec: { containers: [] },
})

const made = (container: Omit<Container, 'name'>, from = pod) =>
  containerEnvironment(from, { name: 'c', ...container }, facts)
const valueOf = (valueFrom: NonNullable<NonNullable<Container['env']>[number]['valueFrom']>) =>
  made({ env: [{ name: 'X', valueFrom }] }).get('X')

describe('expansion', () => {
  it.each([
    ['$(A)-$(B)', '1-2'],
    ['$(C) stays', '$(C) stays'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$1'],
    ['$$$$(A)', '$$(A)'],
    ['$(A', '$(A'],
    ['$A ${A} $', '$A ${A} $'],
    ['$()', '$()'],
    ['$($(A))', '$($(A))'],
  ])('of %j is %j', (text, expanded) => {
    const values = new Map([
      ['A', '1'],
      ['B', '2'],
    ])
    expect(expand(text, (name) => values.get(name))).toBe(expanded)
  })
})

describe('variables of services', () => {
  it('tell of each port in both ways', () => {
    expect(Object.fromEntries(serviceVariables([web], { namespace: 'shop', links: true }))).toEqual({
      MY_WEB_SERVICE_HOST: '10.96.0.9',
      MY_WEB_SERVICE_PORT: '80',
      MY_WEB_SERVICE_PORT_HTTP_MAIN: '80',
      MY_WEB_PORT: 'tcp://10.96.0.9:80',
      MY_WEB_PORT_80_TCP: 'tcp://10.96.0.9:80',
      MY_WEB_PORT_80_TCP_PROTO: 'tcp',
      MY_WEB_PORT_80_TCP_PORT: '80',
      MY_WEB_PORT_80_TCP_ADDR: '10.96.0.9',
      MY_WEB_PORT_53_UDP: 'udp://10.96.0.9:53',
      MY_WEB_PORT_53_UDP_PROTO: 'udp',
      MY_WEB_PORT_53_UDP_PORT: '53',
      MY_WEB_PORT_53_UDP_ADDR: '10.96.0.9',
    })
  })

  it('are those of the own namespace, and always those of the API server', () => {
    const hosts = (namespace: string, { links = true } = {}) =>
      [...serviceVariables([web, api], { namespace, links }).keys()].filter((name) => name.endsWith('_HOST'))
    expect(hosts('shop')).toEqual(['MY_WEB_SERVICE_HOST', 'KUBERNETES_SERVICE_HOST'])
    expect(hosts('shop', { links: false })).toEqual(['KUBERNETES_SERVICE_HOST'])
    expect(hosts('other')).toEqual(['KUBERNETES_SERVICE_HOST'])
    expect(hosts('default')).toEqual(['KUBERNETES_SERVICE_HOST'])
  })

  it("prefer a namespace's own service of the API server's name", () => {
    const own = service('shop', 'kubernetes', { clusterIP: '10.96.0.77', ports: [{ port: 1 }] })
    for (const all of [
      [own, api],
      [api, own],
    ]) {
      expect(serviceVariables(all, { namespace: 'shop', links: true }).get('KUBERNETES_SERVICE_HOST')).toBe(
        '10.96.0.77',
      )
    }
  })

  it('leave out services without an address or a port, and bracket IPv6', () => {
    const odd = [
      service('shop', 'headless', { clusterIP: 'None', ports: [{ port: 1 }] }),
      service('shop', 'external', { ports: [{ port: 1 }] }),
      service('shop', 'portless', { clusterIP: '10.96.0.8' }),
    ]
    expect(serviceVariables(odd, { namespace: 'shop', links: true }).size).toBe(0)
    const six = service('shop', 'six', { clusterIP: 'fd00::1', ports: [{ port: 1 }] })
    expect(serviceVariables([six], { namespace: 'shop', links: true }).get('SIX_PORT')).toBe('tcp://[fd00::1]:1')
  })
})

describe('variables of a container', () => {
  it('are expanded by those before them and by services, env over envFrom over services', () => {
    const env = made({
      envFrom: [{ prefix: 'P_', configMapRef: { name: 'settings' } }, { secretRef: { name: 'keys' } }],
      env: [
        { name: 'FIRST', value: '$(P_DEPTH)-$(LATER)-$(MY_WEB_SERVICE_PORT)' },
        { name: 'LATER', value: '$(FIRST)$$(FIRST)' },
        { name: 'P_level', value: 'high' },
        { name: 'MY_WEB_SERVICE_HOST', value: 'mine' },
        { name: 'EMPTY' },
      ],
    })
    expect(env.get('FIRST')).toBe('3-$(LATER)-80')
    expect(env.get('LATER')).toBe('3-$(LATER)-80$(FIRST)')
    expect(env.get('P_level')).toBe('high')
    expect(env.get('token')).toBe('tøken')
    expect(env.get('MY_WEB_SERVICE_HOST')).toBe('mine')
    expect(env.get('EMPTY')).toBe('')
    expect([...env.keys()][0]).toBe('P_level')
    expect(env.has('MY_WEB_PORT')).toBe(true)
  })

  it('do without the links where the pod wants none', () => {
    const quiet = { ...pod, spec: { ...pod.spec, enableServiceLinks: false } }
    expect([...made({}, quiet).keys()].every((name) => name.startsWith('KUBERNETES_'))).toBe(true)
  })

  it('tell what the node has for a limit that is not set', () => {
    expect(valueOf({ resourceFieldRef: { resource: 'limits.cpu' } })).toBe('3')
    expect(valueOf({ resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } })).toBe('2048')
    expect(valueOf({ fieldRef: { fieldPath: 'status.hostIP' } })).toBe('172.28.0.11')
    expect(valueOf({ configMapKeyRef: { name: 'settings', key: 'level' } })).toBe('low')
    expect(valueOf({ secretKeyRef: { name: 'keys', key: 'token' } })).toBe('tøken')
  })

  it.each([
    [{ configMapKeyRef: { name: 'none', key: 'k' } }, 'configmap "none" not found'],
    [{ configMapKeyRef: { name: 'settings', key: 'k' } }, "couldn't find key k in ConfigMap shop/settings"],
    [{ secretKeyRef: { name: 'none', key: 'k' } }, 'secret "none" not found'],
    [{ secretKeyRef: { name: 'keys', key: 'k' } }, "couldn't find key k in Secret shop/keys"],
    [{ fieldRef: { fieldPath: 'spec.color' } }, 'unsupported fieldPath: spec.color'],
    [{ resourceFieldRef: { resource: 'limits.color' } }, 'unsupported container resource : limits.color'],
  ])('%j fails with %j', (valueFrom, message) => {
    expect(() => valueOf(valueFrom)).toThrow(expect.objectContaining({ message, reason: 'CreateContainerConfigError' }))
  })

  it('fail for whole objects that are missing', () => {
    expect(() => made({ envFrom: [{ configMapRef: { name: 'none' } }] })).toThrow('configmap "none" not found')
    expect(() => made({ envFrom: [{ secretRef: { name: 'none' } }] })).toThrow('secret "none" not found')
  })

  it('leave out what is optional and missing', () => {
    const optional = true
    const env = made({
      envFrom: [{ configMapRef: { name: 'none', optional } }, { secretRef: { name: 'none', optional } }],
      env: [
        { name: 'A', valueFrom: { configMapKeyRef: { name: 'none', key: 'k', optional } } },
        { name: 'B', valueFrom: { configMapKeyRef: { name: 'settings', key: 'k', optional } } },
        { name: 'C', valueFrom: { secretKeyRef: { name: 'keys', key: 'k', optional } } },
        { name: 'D', valueFrom: {} },
      ],
    })
    expect([...env.keys()].filter((name) => /^.$/.test(name))).toEqual([])
  })
})

it('names what it will read', () => {
  const needs = environmentNeeds({
    name: 'c',
    envFrom: [{ configMapRef: { name: 'a' } }, { secretRef: { name: 'b' } }],
    env: [
      { name: 'A', valueFrom: { configMapKeyRef: { name: 'a', key: 'k' } } },
      { name: 'B', valueFrom: { secretKeyRef: { name: 'd', key: 'k' } } },
      { name: 'C', value: 'x' },
      { name: 'D', valueFrom: { resourceFieldRef: { resource: 'requests.cpu' } } },
    ],
  })
  expect(needs).toEqual({ configMaps: new Set(['a']), secrets: new Set(['b', 'd']), files: [], allocatable: false })
  const limits = { env: [{ name: 'D', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }] }
  expect(environmentNeeds({ name: 'c', ...limits }).allocatable).toBe(true)
  expect(environmentNeeds({ name: 'c' }).allocatable).toBe(false)
})

describe('a variable from a file', () => {
  const from = (path: string, key: string, { optional }: { optional?: boolean } = {}) => [
    { name: 'M', valueFrom: { fileKeyRef: { volumeName: 'v', path, key, optional } } },
  ]
  const read = (env: NonNullable<Container['env']>) => made({ env }).get('M')

  it('is what the file says, or left out where it may be', () => {
    expect(read(from('app.env', 'MODE'))).toBe('fast')
    expect(read(from('app.env', 'NONE', { optional: true }))).toBeUndefined()
    expect(read(from('none.env', 'MODE', { optional: true }))).toBeUndefined()
    expect(environmentNeeds({ name: 'c', env: from('app.env', 'MODE') }).files).toMatchObject([
      { volumeName: 'v', path: 'app.env' },
    ])
  })

  it('keeps the container from starting where it is missing, or the file cannot be read', () => {
    expect(() => read(from('app.env', 'NONE'))).toThrow('environment variable key "NONE" not found in file "app.env"')
    expect(() => read(from('bad.env', 'MODE', { optional: true }))).toThrow("couldn't parse env file: x")
  })
})
