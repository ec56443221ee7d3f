import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { config } from '../kinds/config.ts'
import { endpointsOf } from './endpoints-of.ts'

const object = (value: object): KubeObject => value as KubeObject

it('gathers the endpoints of all slices of a service, ready ones first', () => {
  const labels = { 'kubernetes.io/service-name': 'web' }
  const slice = (name: string, namespace: string, endpoints: object[]) =>
    object({ metadata: { name, namespace, labels }, ports: [{ port: 80 }, { port: 443 }], endpoints })
  const pod = { targetRef: { kind: 'Pod', name: 'web-1' }, nodeName: 'n1' }
  const found = endpointsOf(object({ metadata: { name: 'web', namespace: 'shop' } }), [
    slice('a', 'shop', [{ addresses: ['10.0.0.1'], conditions: { ready: false }, ...pod }]),
    slice('b', 'shop', [{ addresses: ['10.0.0.2'], conditions: {} }]),
    slice('c', 'elsewhere', [{ addresses: ['10.0.0.3'] }]),
  ])
  expect(found).toEqual([
    { address: '10.0.0.2:80,443', pod: '', node: '', ready: true },
    { address: '10.0.0.1:80,443', pod: 'web-1', node: 'n1', ready: false },
  ])
})

it('reads what Secrets hold as text where it is some', () => {
  const view = config.find((one) => one.id === 'secrets')!
  const data = { user: btoa('admin'), key: btoa('\0\u0001'), raw: btoa('\u00ff\u00fe') }
  const [section] = view.sections!(object({ metadata: { name: 's' }, data }))
  expect(section!.data).toEqual([
    { key: 'user', text: 'admin', bytes: 5, secret: true },
    { key: 'key', text: undefined, bytes: 2, secret: true },
    { key: 'raw', text: undefined, bytes: 2, secret: true },
  ])
})
