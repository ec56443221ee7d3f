import { describe, expect, it } from 'vitest'
import type { Service } from '#types/core/v1'
import { candidates, formatPorts, keptPorts, unansweredPorts, wantedPorts } from './wanted.ts'

const service = (spec: object, metadata: object = {}): Service =>
  ({
    metadata: { name: 's', namespace: 'd', ...metadata },
    spec: { clusterIP: '10.96.0.7', ...spec },
  }) as unknown as Service
const web = { port: 80, nodePort: 30003 }

describe('what should answer on the desktop', () => {
  it('is the node ports of a service that has them', () => {
    expect(
      wantedPorts(service({ type: 'NodePort', ports: [web, { port: 81, protocol: 'TCP', nodePort: 30004 }] })),
    ).toEqual([
      { port: 30003, balanced: false, host: '10.96.0.7', target: 80 },
      { port: 30004, balanced: false, host: '10.96.0.7', target: 81 },
    ])
  })

  it('is the ports of a balancer too, unless it is of a class', () => {
    const ports = (more: object) =>
      wantedPorts(service({ type: 'LoadBalancer', ports: [web], ...more })).map(({ port }) => port)
    expect(ports({})).toEqual([30003, 80])
    expect(ports({ loadBalancerClass: 'example.com/other' })).toEqual([30003])
    expect(ports({ ports: [{ port: 80 }] })).toEqual([80])
  })

  it('is nothing of other types, of services that go or have no address, and of other protocols', () => {
    expect(wantedPorts(service({ type: 'ClusterIP', ports: [web] }))).toEqual([])
    expect(wantedPorts(service({ type: 'NodePort' }))).toEqual([])
    expect(wantedPorts(service({ type: 'NodePort', ports: [web], clusterIP: 'None' }))).toEqual([])
    expect(wantedPorts(service({ type: 'NodePort', ports: [web], clusterIP: undefined }))).toEqual([])
    expect(wantedPorts(service({ type: 'NodePort', ports: [web] }, { deletionTimestamp: 'now' }))).toEqual([])
    const dns = service({ type: 'LoadBalancer', ports: [{ port: 53, protocol: 'UDP', nodePort: 30053 }] })
    expect(wantedPorts(dns)).toEqual([])
    expect(unansweredPorts(dns)).toEqual([53])
    expect(unansweredPorts(service({ type: 'LoadBalancer' }))).toEqual([])
    expect(unansweredPorts(service({ type: 'NodePort', ports: [{ port: 53, protocol: 'UDP' }] }))).toEqual([])
  })
})

describe('the annotation of moved ports', () => {
  it('names those alone that answer elsewhere', () => {
    expect(
      formatPorts(
        new Map([
          [80, 8080],
          [30003, 30003],
          [443, 8443],
        ]),
      ),
    ).toBe('80=8080,443=8443')
    expect(formatPorts(new Map([[80, 80]]))).toBeUndefined()
  })

  it('is read back, whatever somebody wrote into it', () => {
    const kept = (text?: string) => [
      ...keptPorts(service({}, text === undefined ? {} : { annotations: { 'drydock.dev/desktop-ports': text } })),
    ]
    expect(kept('80=8080,443=8443')).toEqual([
      [80, 8080],
      [443, 8443],
    ])
    expect(kept('x,80=,=9,80=99999, 81=8081')).toEqual([[81, 8081]])
    expect(kept()).toEqual([])
  })
})

describe('the ports that are tried', () => {
  it('begin with the kept one and the port itself, and end with any', () => {
    expect(candidates(30003, undefined).slice(0, 3)).toEqual([30003, 30004, 30005])
    expect(candidates(30003, 30009).slice(0, 3)).toEqual([30009, 30003, 30004])
    expect(candidates(30003, 30003)).toHaveLength(22)
    expect(candidates(80, undefined).slice(0, 3)).toEqual([80, 8080, 8081])
    expect(candidates(65_535, undefined)).toEqual([65_535, 0])
  })
})
