import { describe, expect, it } from 'vitest'
import { addressesOf, NetworkTable } from './packet.ts'

const header = (...octets: number[]): Uint8Array =>
  new Uint8Array([0x45, ...Array.from({ length: 11 }, () => 0), ...octets])

describe('addressesOf', () => {
  it('reads source and destination of an IPv4 packet', () => {
    expect(addressesOf(header(10, 244, 1, 5, 192, 168, 255, 254))).toEqual({
      source: 0x0a_f4_01_05,
      destination: 0xc0_a8_ff_fe,
    })
  })

  it('knows no addresses of what is cut off or of another version', () => {
    expect(addressesOf(header(10, 244, 1, 5, 10, 244, 2))).toBeUndefined()
    expect(addressesOf(header(10, 244, 1, 5, 10, 244, 2, 7).with(0, 0x60))).toBeUndefined()
  })
})

describe('NetworkTable', () => {
  it('finds the network that has an address, to its last one', () => {
    const table = new NetworkTable([
      ['10.244.1.0/24', 'n1'],
      ['10.244.2.0/25', 'n2'],
      ['fd00::/64', 'of another family'],
    ])
    const found = ['10.244.0.255', '10.244.1.0', '10.244.1.255', '10.244.2.127', '10.244.2.128'].map((address) =>
      table.find(address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)),
    )
    expect(found).toEqual([undefined, 'n1', 'n1', 'n2', undefined])
  })
})
