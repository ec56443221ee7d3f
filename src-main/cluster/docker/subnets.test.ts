import { describe, expect, it } from 'vitest'
import { freeSubnet, nodeAddress, overlaps } from './subnets.ts'

describe('subnets', () => {
  it('sees an overlap whichever network is the larger', () => {
    expect(overlaps('172.16.0.0/12', '172.28.1.0/24')).toBe(true)
    expect(overlaps('172.28.1.0/24', '172.16.0.0/12')).toBe(true)
    expect(overlaps('172.28.1.0/24', '172.28.2.0/24')).toBe(false)
  })

  it('chooses the first /24 that nobody has, ignoring IPv6', () => {
    expect(freeSubnet(['172.17.0.0/16', 'fd00::/8'])).toBe('172.28.0.0/24')
    expect(freeSubnet(['172.28.0.0/24', '172.28.1.128/25'])).toBe('172.28.2.0/24')
    expect(freeSubnet(['172.0.0.0/8'])).toBeUndefined()
  })

  it.each(['172.28.0.0', 'fd00::/8', '172.28.0/24', ''])('refuses %j: no IPv4 network', (text) => {
    expect(() => overlaps(text, '172.28.0.0/24')).toThrow(`not an IPv4 network: ${text}`)
  })

  it('has no address left when all of the network are taken, and none for a number beyond it', () => {
    const all = Array.from({ length: 244 }, (_, i) => `172.28.0.${11 + i}`)
    expect(nodeAddress('172.28.0.0/24', 'n1', all)).toBeUndefined()
    expect(nodeAddress('172.28.0.0/24', 'n900', [])).toBe('172.28.0.11')
  })

  it('gives numbered nodes their own address and others the first free one', () => {
    expect(nodeAddress('172.28.0.0/24', 'n1', [])).toBe('172.28.0.11')
    expect(nodeAddress('172.28.0.0/24', 'n3', ['172.28.0.13'])).toBe('172.28.0.11')
    expect(nodeAddress('172.28.0.0/24', 'gpu', ['172.28.0.111'])).toBe('172.28.0.11')
  })
})
