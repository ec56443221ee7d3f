import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { desktopPathsOf } from './desktop-paths.ts'

const ingress = (hosts: Record<string, string[]>, ports: number[], spec: object = {}, ip = '127.0.0.1'): KubeObject => {
  const rules = Object.entries(hosts).map(([host, paths]) => ({
    host,
    http: { paths: paths.map((path) => ({ path })) },
  }))
  const status = { loadBalancer: { ingress: [{ ip, ports: ports.map((port) => ({ port, protocol: 'TCP' })) }] } }
  return partial<KubeObject>({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'i' },
    spec: { rules, ...spec },
    status,
  })
}

describe('where the desktop answers for an Ingress', () => {
  it('is every host and path, at the ports that its status tells', () => {
    expect(desktopPathsOf(ingress({ '': ['/all', ''], 'a.localhost': ['/a'] }, [8080]))).toEqual([
      { url: 'http://127.0.0.1:8080/all' },
      { url: 'http://127.0.0.1:8080/' },
      { url: 'http://a.localhost:8080/a' },
    ])
  })

  it('is the desktop itself for a default backend alone', () => {
    expect(desktopPathsOf(ingress({}, [80]))).toEqual([{ url: 'http://127.0.0.1/' }])
    expect(desktopPathsOf(ingress({}, [8080]))).toEqual([{ url: 'http://127.0.0.1:8080/' }])
  })

  it('needs a command where the name leads elsewhere, and HTTPS where the host has it', () => {
    const tls = { tls: [{ hosts: ['b.dev'] }] }
    expect(
      desktopPathsOf(ingress({ 'a.dev': ['/api(/|$)(.*)'], 'b.dev': ['/'], '*.c.dev': ['/'] }, [80, 8443], tls)),
    ).toEqual([
      { url: 'http://a.dev/api', command: 'curl --resolve a.dev:80:127.0.0.1 http://a.dev/api' },
      { url: 'https://b.dev:8443/', command: 'curl -k --resolve b.dev:8443:127.0.0.1 https://b.dev:8443/' },
      { url: 'http://any.c.dev/', command: 'curl --resolve any.c.dev:80:127.0.0.1 http://any.c.dev/' },
    ])
  })

  it('is nowhere while it is not routed, or by somebody else', () => {
    expect(desktopPathsOf({ ...ingress({ 'a.dev': ['/'] }, [80]), status: {} })).toEqual([])
    expect(desktopPathsOf(ingress({ 'a.dev': ['/'] }, [80], {}, '10.0.0.9'))).toEqual([])
  })
})
