import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { destinationOf, formFor, likelySender, portsOf, receivers, requestOf, senders, sourceOf } from './ends.ts'

const object = (name: string, namespace: string, rest: object = {}): KubeObject =>
  partial<KubeObject>({ apiVersion: 'v1', kind: 'X', metadata: { name, namespace }, ...rest })
const running = { status: { phase: 'Running' } }
const pods = [
  object('b', 'shop', running),
  object('a', 'shop', running),
  object('z', 'bar', running),
  object('p', 'shop'),
]

describe('the ends of a trace', () => {
  it('are written as people know them', () => {
    expect(sourceOf('shop/web-1')).toEqual({ kind: 'pod', namespace: 'shop', name: 'web-1' })
    expect(sourceOf('node/n1')).toEqual({ kind: 'node', name: 'n1' })
    expect(['', 'web', 'a/b/c'].map(sourceOf)).toEqual([undefined, undefined, undefined])
    expect(destinationOf('svc/shop/web')).toEqual({ kind: 'service', namespace: 'shop', name: 'web' })
    expect(destinationOf('pod/shop/web-1')).toEqual({ kind: 'pod', namespace: 'shop', name: 'web-1' })
    expect(destinationOf(' web.shop ')).toEqual({ kind: 'host', host: 'web.shop' })
    expect(['', 'svc/', 'svc/a', 'x/a/b', 'svc/a/b/c'].map(destinationOf)).toEqual(Array(5).fill(undefined))
  })

  it('make a request once they are whole', () => {
    const form = { from: 'shop/a', to: 'svc/shop/web', port: '', protocol: '' as const }
    expect(requestOf(form)).toEqual({ source: sourceOf('shop/a'), destination: destinationOf('svc/shop/web') })
    expect(requestOf({ ...form, port: '80', protocol: 'UDP' })).toMatchObject({ port: 80, protocol: 'UDP' })
    expect(requestOf({ ...form, port: 'http' })).toMatchObject({ port: 'http' })
    expect(requestOf({ ...form, to: '10.0.0.1', port: '80' })).toMatchObject({ port: 80 })
    for (const wrong of [{ from: '' }, { to: 'svc/x' }, { port: '70000' }, { to: 'web' }, { to: 'web', port: 'http' }])
      expect(requestOf({ ...form, ...wrong })).toBeUndefined()
  })

  it('are prefilled from an object, and with who may well send', () => {
    expect(formFor('services', object('web', 'shop'))).toEqual({ to: 'svc/shop/web' })
    expect(formFor('pods', object('a', 'shop'))).toEqual({ to: 'pod/shop/a' })
    expect(formFor('nodes', object('n1', ''))).toEqual({ from: 'node/n1' })
    expect(likelySender(pods, 'svc/shop/web')).toBe('shop/a')
    expect(likelySender(pods, 'pod/shop/a')).toBe('shop/b')
    expect(likelySender(pods, 'svc/none/web')).toBe('bar/z')
    expect(likelySender([], 'svc/none/web')).toBe('')
  })

  it('are offered as one types', () => {
    const nodes = [object('n1', '')]
    expect(senders(pods, nodes, '')).toEqual(['bar/z', 'shop/a', 'shop/b', 'node/n1'])
    expect(senders(pods, nodes, 'n1')).toEqual(['node/n1'])
    expect(receivers([object('web', 'shop')], pods, 'shop')).toEqual([
      'svc/shop/web',
      'pod/shop/a',
      'pod/shop/b',
      'pod/shop/p',
    ])
    expect(portsOf(object('web', 'shop', { spec: { ports: [{ port: 80 }, { port: 443 }] } }))).toEqual(['80', '443'])
    expect(portsOf(undefined)).toEqual([])
  })
})
