import { describe, expect, it } from 'vitest'
import type { ObjectLike } from '../machinery/meta.ts'
import { partial } from '../machinery/testing/partial.ts'
import { findKind } from './index.ts'

const now = Date.UTC(2026, 0, 1)

/** The cells of an object's row by the names of their columns. */
function cells(group: string, kind: string, body: object): Record<string, unknown> {
  const { columns, row } = findKind(group, kind)!
  const { metadata, ...rest } = body as Partial<ObjectLike>
  const object = { metadata: { name: 'x', uid: 'u', creationTimestamp: '2025-12-31T23:00:00Z', ...metadata }, ...rest }
  const values = row(partial(object), now)
  return Object.fromEntries(columns.map(({ name }, i) => [name, values[i]]))
}

// Reference for all: the server's printers (kubernetes, pkg/printers/internalversion).
describe('the row of an ingress', () => {
  const ingress = (body: object) => cells('networking.k8s.io', 'Ingress', body)
  const http = { paths: [] }

  it.each<[string, object[]]>([
    ['*', []],
    ['*', [{ http }]],
    ['a', [{ http }, { host: 'a' }]],
    ['a,b,c', [{ host: 'a' }, { host: 'b' }, { host: 'c' }]],
    ['a,b,c + 2 more...', [{ host: 'a' }, { host: 'b' }, { host: 'c' }, { host: 'd' }, { host: 'e' }]],
  ])('names the hosts %s', (hosts, rules) => {
    expect(ingress({ spec: { rules } })).toMatchObject({ Hosts: hosts })
  })

  it('has the class of its spec only, and the addresses of its balancers each once', () => {
    const annotations = { 'kubernetes.io/ingress.class': 'old' }
    expect(ingress({ metadata: { annotations }, spec: {} })).toMatchObject({ Class: '<none>', Address: '' })
    expect(ingress({ spec: { ingressClassName: 'new' } })).toMatchObject({ Class: 'new' })
    const status = {
      loadBalancer: { ingress: [{ hostname: 'h' }, { ip: '9.9.9.9' }, { ip: '1.1.1.1' }, { hostname: 'h' }, {}] },
    }
    expect(ingress({ spec: {}, status })).toMatchObject({ Address: '1.1.1.1,9.9.9.9,h' })
  })
})

describe('the row of a service', () => {
  const address = (spec: object, ingress: object[] = []) =>
    cells('', 'Service', { spec, status: { loadBalancer: { ingress } } })['External-IP']

  it('has the addresses by which others reach it', () => {
    expect(address({ type: 'ClusterIP' })).toBe('<none>')
    expect(address({ type: 'NodePort', externalIPs: ['2.2.2.2', '1.1.1.1'] })).toBe('2.2.2.2,1.1.1.1')
    expect(address({ type: 'ExternalName', externalName: 'a.b' })).toBe('a.b')
    expect(address({ type: 'LoadBalancer' })).toBe('<pending>')
    expect(address({ type: 'LoadBalancer' }, [{ ip: '9.9.9.9' }, { ip: '1.1.1.1' }])).toBe('1.1.1.1,9.9.9.9')
    expect(address({ type: 'LoadBalancer', externalIPs: ['0.0.0.1'] }, [{ ip: '9.9.9.9' }])).toBe('9.9.9.9,0.0.0.1')
  })
})

describe('the row of a claim', () => {
  it('has a capacity once it names a volume', () => {
    const capacity = (spec: object, status: object = {}) =>
      cells('', 'PersistentVolumeClaim', { spec, status })['Capacity']
    expect(capacity({})).toBe('')
    expect(capacity({ volumeName: 'v' })).toBe('0')
    expect(capacity({ volumeName: 'v' }, { capacity: { storage: '1Gi' } })).toBe('1Gi')
  })
})
