import { describe, expect, it } from 'vitest'
import { addressesIn, parseListeners, parseNeighbour, parseRoute, parseVxlan, peerOf, portOf } from './tables.ts'
import { FORWARDING, LISTENING, NEIGHBOUR, POD_NEIGHBOUR, PORTS, route, VXLAN } from './testing/captured.ts'

describe('the tables of a node', () => {
  it('name the route: over the overlay, to the bridge, to the node itself, or nowhere', () => {
    expect(parseRoute(route.overlay)).toEqual({ kind: 'unicast', device: 'flannel.1', gateway: '10.244.2.0' })
    expect(parseRoute(route.bridge)).toEqual({ kind: 'unicast', device: 'docker0' })
    expect(parseRoute(route.local)).toEqual({ kind: 'local', device: 'lo' })
    expect(parseRoute('[{"type":"blackhole","dst":"10.1.0.0"}]')).toEqual({ kind: 'unreachable', device: '' })
    expect(parseRoute('')).toBeUndefined()
  })

  it('name the peer behind a gateway: its MAC, and the node behind that', () => {
    expect(parseNeighbour(NEIGHBOUR)).toEqual({ mac: '0e:d0:ac:1c:00:0c', state: 'PERMANENT' })
    expect(parseNeighbour('[{"dst":"10.244.2.99","state":["INCOMPLETE"]}]')).toEqual({ mac: '', state: 'INCOMPLETE' })
    expect(parseNeighbour('[{"dst":"10.244.2.99"}]')).toEqual({ mac: '', state: '' })
    expect(parseNeighbour('[]')).toBeUndefined()
    expect(peerOf(FORWARDING, '0e:d0:ac:1c:00:0c')).toBe('172.28.0.12')
    expect(peerOf(FORWARDING, '0e:d0:ac:1c:00:0d')).toBeUndefined()
    expect(parseVxlan(VXLAN)).toEqual({ vni: 1, port: 8472 })
    expect(parseVxlan('[{"linkinfo":{"info_kind":"vxlan"}}]')).toEqual({ vni: 0, port: 0 })
    expect(parseVxlan('[{"ifname":"eth0"}]')).toBeUndefined()
  })

  it('name the port of the bridge that has a MAC', () => {
    expect(portOf(PORTS, parseNeighbour(POD_NEIGHBOUR)!.mac)).toBe('vethbbbbbbbb')
    expect(portOf(PORTS, '33:33:00:00:00:01')).toBeUndefined()
  })

  it('name what listens, and on which address', () => {
    expect(parseListeners(LISTENING)).toEqual([
      { address: '127.0.0.1', port: 9090 },
      { address: '0.0.0.0', port: 8080 },
      { address: '0.0.0.0', port: 9100 },
      { address: '127.0.0.53', port: 53 },
      { address: '::1', port: 6010 },
    ])
    expect(parseListeners('')).toEqual([])
  })

  it('name the addresses of the node', () => {
    const json =
      '[{"ifname":"lo","addr_info":[{"family":"inet","local":"127.0.0.1"},{"family":"inet6","local":"::1"}]},{"ifname":"x"}]'
    expect(addressesIn(json)).toEqual(['127.0.0.1'])
  })
})
