import { describe, expect, it } from 'vitest'
import { networkHas } from '../../../../src-kube/machinery/ipv4.ts'
import { blockNetworks } from './ip-block.ts'

describe('an ipBlock', () => {
  it('is its network, whatever the address in it', () => {
    expect(blockNetworks('10.1.2.3/8')).toEqual(['10.0.0.0/8'])
    expect(blockNetworks('10.1.2.3/32')).toEqual(['10.1.2.3/32'])
  })

  it('is never wider than sets of the kernel take', () => {
    expect(blockNetworks('0.0.0.0/0')).toEqual(['0.0.0.0/1', '128.0.0.0/1'])
  })

  it('is what its exceptions leave', () => {
    expect(blockNetworks('10.0.0.0/30', ['10.0.0.1/32'])).toEqual(['10.0.0.0/32', '10.0.0.2/31'])
    expect(blockNetworks('10.0.0.0/29', ['10.0.0.0/31', '10.0.0.6/31', '10.0.0.1/32'])).toEqual([
      '10.0.0.2/31',
      '10.0.0.4/31',
    ])
    expect(blockNetworks('10.0.0.0/24', ['192.168.0.0/16', '10.0.1.0/24'])).toEqual(['10.0.0.0/24'])
    expect(blockNetworks('10.0.0.0/24', ['10.0.0.0/16'])).toEqual([])
  })

  it('holds exactly the addresses that are in it and in no exception', () => {
    const except = ['172.16.0.0/12', '10.244.0.0/16', '0.0.0.0/32', '255.255.255.255/32']
    const networks = blockNetworks('0.0.0.0/0', except)
    expect(networks.length).toBeLessThan(100)
    const edges = [
      '0.0.0.0',
      '0.0.0.1',
      '10.243.255.255',
      '10.244.0.0',
      '10.244.255.255',
      '10.245.0.0',
      '172.15.255.255',
    ]
    for (const ip of [...edges, '172.16.0.0', '172.31.255.255', '172.32.0.0', '255.255.255.254', '255.255.255.255']) {
      const held = networks.filter((network) => networkHas(network, ip)).length
      expect([ip, held]).toEqual([ip, except.some((cidr) => networkHas(cidr, ip)) ? 0 : 1])
    }
  })

  it('is cut by tens of thousands of exceptions in the time that sorting them takes', () => {
    const odd = Array.from({ length: 40_000 }, (_, i) => `10.${i >> 15}.${(i >> 7) & 255}.${((i & 127) << 1) + 1}/32`)
    const begun = process.cpuUsage()
    const networks = blockNetworks('10.0.0.0/15', odd.toReversed())
    // Microseconds of the processor: how busy the machine is does not count.
    expect(process.cpuUsage(begun).user).toBeLessThan(2_000_000)
    expect(networks.slice(0, 2)).toEqual(['10.0.0.0/32', '10.0.0.2/32'])
    expect(networks.length).toBeGreaterThan(40_000)
  })

  it('of IPv6 is nothing here', () => {
    expect(blockNetworks('2001:db8::/64', ['2001:db8::/96'])).toEqual([])
    expect(blockNetworks('10.0.0.0')).toEqual([])
    expect(blockNetworks('10.0.0.0/33')).toEqual([])
    expect(blockNetworks('10.0.0.0/32', ['2001:db8::/64'])).toEqual(['10.0.0.0/32'])
  })
})
