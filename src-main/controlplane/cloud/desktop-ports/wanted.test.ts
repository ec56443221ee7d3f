import { describe, expect, it } from 'vitest'
import type { Service } from '#types/core/v1'
import { candidates, formatPorts, keptPorts, wantedPorts } from './wanted.ts'

const service = (spec: object, metadata: object = {}): Service =>
  ({
    metadata: { name: 's', namespace: 'd', ...metadata },
    spec: { clusterIP: '10.96.0.7', ...spec },
  }) as Service
const web = { port: 80, nodePort: 30003 }

describe('what should answer on the desktop', () => {
  it('is the node ports of a service that has them', () => {
    expect(
      wantedPorts(service({ type: 'NodePort', ports: [web, { port: 81, protocol: 'TCP', nodePort: 30004 }] })),
    ).toEqual([
      { port: 30003, balanced: false, protocol: 'TCP', host: '10.96.0.7', target: 80 },
      { port: 30004, balanced: false, protocol: 'TCP', host: '10.96.0.7', target: 81 },
    ])
  })

  it('is the ports of a balancer too, unless it is of a class', () => {
    const ports = (more: object) =>
      wantedPorts(service({ type: 'LoadBalancer', ports: [web], ...more })).map(({ port }) => port)
    expect(ports({})).toEqual([30003, 80])
    expect(ports({ loadBalancerClass: 'example.com/other' })).toEqual([30003])
    expect(ports({ ports: [{ port: 80 }] })).toEqual([80])
  })

  it('is the ports of UDP as well, and none of SCTP', () => {
    const dns = { port: 53, nodePort: 30053 }
    const ports = [
      { ...dns, protocol: 'UDP' },
      { ...dns, protocol: 'SCTP' },
    ]
    expect(wantedPorts(service({ type: 'LoadBalancer', ports }))).toEqual([
      { port: 30053, balanced: false, protocol: 'UDP', host: '10.96.0.7', target: 53 },
      { port: 53, balanced: true, protocol: 'UDP', host: '10.96.0.7', target: 53 },
    ])
  })

  it('is nothing of other types, and of services that go or have no address', () => {
    expect(wantedPorts(service({ type: 'ClusterIP', ports: [web] }))).toEqual([])
    expect(wantedPorts(service({ type: 'NodePort' }))).toEqual([])
    expect(wantedPorts(service({ type: 'NodePort', ports: [web], clusterIP: 'None' }))).toEqual([])
    expect(wantedPorts(service({ type: 'NodePort', ports: [web], clusterIP: undefined }))).toEqual([])
    expect(wantedPorts(service({ type: 'NodePort', ports: [web] }, { deletionTimestamp: 'now' }))).toEqual([])
  })
})

describe('the annotation of moved ports', () => {
  it('names those alone that answer elsewhere', () => {
    const tcp = (port: number, answers: number) => ({ port, protocol: 'TCP' as const, answers })
    const dns = { port: 53, protocol: 'UDP' as const, answers: 8053 }
    expect(formatPorts([tcp(80, 8080), tcp(30_003, 30_003), dns])).toBe('80=8080,53/UDP=8053')
    expect(formatPorts([tcp(80, 80)])).toBeUndefined()
  })

  it('is read back, whatever somebody wrote into it', () => {
    const kept = (text?: string) => [
      ...keptPorts(service({}, text === undefined ? {} : { annotations: { 'drydock.dev/desktop-ports': text } })),
    ]
    expect(kept('80=8080,53/UDP=8053')).toEqual([
      ['80', 8080],
      ['53/UDP', 8053],
    ])
    expect(kept('x,80=,=9,80=99999,80/SCTP=80, 81=8081')).toEqual([['81', 8081]])
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
