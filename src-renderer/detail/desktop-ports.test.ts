import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { desktopPortsOf } from './desktop-ports.ts'

const service = (spec: object, annotations: Record<string, string> = {}): KubeObject =>
  partial<KubeObject>({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's', annotations }, spec })

describe('where the desktop answers for a service', () => {
  it('is its node ports, and the ports of a balancer, on those they were moved to', () => {
    const ports = [
      { name: 'web', port: 80, nodePort: 30003 },
      { port: 8443, nodePort: 30004 },
      { port: 53, nodePort: 30005, protocol: 'UDP' },
      { port: 9, nodePort: 30006, protocol: 'SCTP' },
    ]
    expect(
      desktopPortsOf(
        service({ type: 'NodePort', ports }, { 'drydock.dev/desktop-ports': '30003=30009,30005/UDP=30010' }),
      ),
    ).toEqual([
      { address: '127.0.0.1:30009', url: 'http://127.0.0.1:30009', port: 'web' },
      { address: '127.0.0.1:30004', url: 'https://127.0.0.1:30004', port: '8443' },
      { address: '127.0.0.1:30010/UDP', url: undefined, port: '53' },
    ])
    expect(
      desktopPortsOf(service({ type: 'LoadBalancer', ports: ports.slice(0, 1) }, {})).map((one) => one.address),
    ).toEqual(['127.0.0.1:80', '127.0.0.1:30003'])
  })

  it('is nowhere for other types, and for the balancer of a class its node ports alone', () => {
    expect(desktopPortsOf(service({ type: 'ClusterIP', ports: [{ port: 80 }] }))).toEqual([])
    const ports = [{ port: 80, nodePort: 30003 }]
    const classed = service({ type: 'LoadBalancer', loadBalancerClass: 'a.b/c', ports })
    expect(desktopPortsOf(classed).map((one) => one.address)).toEqual(['127.0.0.1:30003'])
  })
})
