import { describe, expect, it } from 'vitest'
import type { Node } from '#types/core/v1'
import { nothing, onUplink, overlayChanges, routesOnly, vxlanEntries } from './entries.ts'
import { overlayRules } from './masquerade.ts'
import { annotation, foreignPeers, leaseAnnotations, macFor, peersOf } from './peers.ts'

function node(name: string, subnet: string | undefined, annotations: Record<string, string>): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, resourceVersion: '1', annotations },
    spec: { podCIDR: subnet },
  }
}
const lease = (ip: string) => leaseAnnotations({ backend: 'vxlan', publicIp: ip, mac: macFor(ip), vni: 1 })

describe('peersOf', () => {
  it('reads the leases of the other nodes, sorted by subnet', () => {
    const nodes = [
      node('n3', '10.244.2.0/24', lease('172.28.0.13')),
      node('n1', '10.244.0.0/24', lease('172.28.0.11')),
      node('n2', '10.244.1.0/24', lease('172.28.0.12')),
    ]
    expect(peersOf(nodes, 'n1', 'vxlan')).toEqual([
      { node: 'n2', publicIp: '172.28.0.12', subnet: '10.244.1.0/24', mac: '0e:d0:ac:1c:00:0c' },
      { node: 'n3', publicIp: '172.28.0.13', subnet: '10.244.2.0/24', mac: '0e:d0:ac:1c:00:0d' },
    ])
  })

  it('leaves out nodes without a subnet, without a lease, of another backend or with garbled data', () => {
    const nodes = [
      node('a', undefined, lease('172.28.0.12')),
      node('b', '10.244.1.0/24', {}),
      node('c', '10.244.2.0/24', { ...lease('172.28.0.14'), [annotation.type]: 'host-gw' }),
      node('d', '10.244.3.0/24', { ...lease('172.28.0.15'), [annotation.data]: '{"VNI":1}' }),
      node('e', '10.244.4.0/24', { [annotation.type]: 'vxlan', [annotation.publicIp]: '172.28.0.16' }),
    ]
    expect(peersOf(nodes, 'n1', 'vxlan')).toEqual([])
  })

  it('prefers the address that an administrator put in its place', () => {
    const nodes = [
      node('n2', '10.244.1.0/24', { ...lease('172.28.0.12'), [annotation.publicIpOverwrite]: '192.0.2.7' }),
    ]
    expect(peersOf(nodes, 'n1', 'vxlan')[0]?.publicIp).toBe('192.0.2.7')
  })

  it('needs no MAC for host-gw', () => {
    const annotations = leaseAnnotations({ backend: 'host-gw', publicIp: '172.28.0.12', mac: undefined, vni: 1 })
    expect(peersOf([node('n2', '10.244.1.0/24', annotations)], 'n1', 'host-gw')).toEqual([
      { node: 'n2', publicIp: '172.28.0.12', subnet: '10.244.1.0/24', mac: undefined },
    ])
  })
})

describe('foreignPeers', () => {
  it('names the other nodes whose backend is another one', () => {
    const nodes = [
      node('n1', '10.244.0.0/24', lease('172.28.0.11')),
      node('n2', '10.244.1.0/24', lease('172.28.0.12')),
      node('n3', '10.244.2.0/24', { ...lease('172.28.0.13'), [annotation.type]: 'host-gw' }),
      node('n4', undefined, {}),
    ]
    expect(foreignPeers(nodes, 'n1', 'host-gw')).toEqual(["n2 is left out: its backend is vxlan, this node's host-gw"])
    expect(
      foreignPeers(
        nodes.slice(3).map(({ metadata, ...rest }) => ({ ...rest, metadata: { ...metadata, annotations: undefined } })),
        'n1',
        'vxlan',
      ),
    ).toEqual([])
  })
})

describe('onUplink', () => {
  it('are the routes to pods, and nothing that somebody else has put there', () => {
    const found = {
      routes: new Map([
        ['10.244.1.0/24', '172.28.0.12'],
        ['10.245.1.0/24', '172.28.0.1'],
        ['default', '172.28.0.1'],
      ]),
      neighbours: new Map([['172.28.0.1', '02:42:00:00:00:01']]),
      forwarding: new Map([['02:42:00:00:00:01', '172.28.0.1']]),
    }
    expect(onUplink(found, '10.244.0.0/16')).toEqual({
      ...nothing,
      routes: new Map([['10.244.1.0/24', '172.28.0.12']]),
    })
  })
})

describe('overlayChanges', () => {
  const peer = { node: 'n2', publicIp: '172.28.0.12', subnet: '10.244.1.0/24', mac: '0e:d0:ac:1c:00:0c' }

  it('adds route, neighbour and forwarding entry of a new peer', () => {
    expect(overlayChanges('flannel.1', nothing, vxlanEntries([peer]))).toEqual({
      ip: [
        'neigh replace 10.244.1.0 lladdr 0e:d0:ac:1c:00:0c dev flannel.1 nud permanent',
        'route replace 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink',
      ],
      bridge: ['fdb append 0e:d0:ac:1c:00:0c dev flannel.1 dst 172.28.0.12 self permanent'],
    })
  })

  it('does nothing when all is there', () => {
    expect(overlayChanges('flannel.1', vxlanEntries([peer]), vxlanEntries([peer]))).toEqual({ ip: [], bridge: [] })
  })

  it('removes everything of a peer that left', () => {
    const changes = overlayChanges('flannel.1', vxlanEntries([peer]), nothing)
    expect(changes.ip).toEqual(['route del 10.244.1.0/24 dev flannel.1', 'neigh del 10.244.1.0 dev flannel.1'])
    expect(changes.bridge).toEqual(['fdb del 0e:d0:ac:1c:00:0c dev flannel.1 dst 172.28.0.12 self'])
  })

  it('follows a peer whose address changed, old entry out first', () => {
    const moved = vxlanEntries([{ ...peer, publicIp: '172.28.0.99' }])
    expect(overlayChanges('flannel.1', vxlanEntries([peer]), moved)).toEqual({
      ip: [],
      bridge: [
        'fdb del 0e:d0:ac:1c:00:0c dev flannel.1 dst 172.28.0.12 self',
        'fdb append 0e:d0:ac:1c:00:0c dev flannel.1 dst 172.28.0.99 self permanent',
      ],
    })
  })

  it('gives host-gw one route a peer and ignores a vxlan peer without a MAC', () => {
    expect(routesOnly([{ ...peer, mac: undefined }], ({ publicIp }) => publicIp).routes).toEqual(
      new Map([['10.244.1.0/24', '172.28.0.12']]),
    )
    expect(vxlanEntries([{ ...peer, mac: undefined }]).routes.size).toBe(0)
  })
})

describe('overlayRules', () => {
  it('masquerades only what leaves the pod network', () => {
    const rules = overlayRules('10.244.0.0/16')
      .split('\n')
      .filter((line) => line.startsWith('-A FLANNEL-POSTRTG'))
    expect(rules[0]).toContain('-s 10.244.0.0/16 -d 10.244.0.0/16')
    expect(rules[0]).toContain('-j RETURN')
    expect(rules[1]).toContain('-j MASQUERADE')
  })
})
