import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { ingressSections } from './ingress.ts'

const backend = { service: { name: 'web', port: { number: 80 } } }
const link = { view: 'services', namespace: 'shop', name: 'web' }
const sectionOf = (spec: object, status: object = {}) =>
  ingressSections(partial<KubeObject>({ metadata: { name: 'web', namespace: 'shop' }, spec, status }))[0]!

it('an Ingress tells its class, addresses and certificates, and leads to them', () => {
  const { facts } = sectionOf(
    { ingressClassName: 'nginx', tls: [{ hosts: ['a.dev', 'b.dev'], secretName: 'web-tls' }, { hosts: ['c.dev'] }] },
    { loadBalancer: { ingress: [{ ip: '127.0.0.1' }, { hostname: 'lb.dev' }] } },
  )
  expect(facts).toEqual([
    { label: 'class', value: 'nginx', link: { view: 'ingressclasses.networking.k8s.io', name: 'nginx' } },
    { label: 'address', value: ['127.0.0.1', 'lb.dev'] },
    { label: 'tls', value: 'web-tls: a.dev, b.dev', link: { view: 'secrets', namespace: 'shop', name: 'web-tls' } },
    { label: 'tls', value: 'c.dev', link: undefined },
  ])
  expect(sectionOf({}).facts![0]).toEqual({ label: 'class', value: '', link: undefined })
})

it('an Ingress tells where each path goes, and where all that no rule takes', () => {
  const { table } = sectionOf({
    rules: [
      { host: 'a.dev', http: { paths: [{ path: '/api', backend }] } },
      { http: { paths: [{ backend: { resource: { kind: 'Bucket', name: 'files' } } }] } },
    ],
    defaultBackend: { service: { name: 'web', port: { name: 'http' } } },
  })
  expect(table!.rows).toEqual([
    ['a.dev', '/api', { text: 'web:80', link }],
    ['*', '/', 'Bucket files'],
    ['*', '', { text: 'web:http', link }],
  ])
})
