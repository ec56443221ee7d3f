import { describe, expect, it } from 'vitest'
import { cidrHas, formatIp, isMapped, networkOf, parseCidr, parseIp } from './ip-address.ts'

describe('an address', () => {
  it.each([
    ['10.96.0.1', '10.96.0.1'],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['1:0:3:4:5:6:7:8', '1:0:3:4:5:6:7:8'],
    ['fe80::', 'fe80::'],
    ['::ffff:1.2.3.4', '::ffff:102:304'],
    ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
  ])('%s is written as %s', (text, canonical) => {
    expect(formatIp(parseIp(text)!)).toBe(canonical)
  })

  it.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1::2::3',
    '1:2',
    ':::',
    '12345::',
    'fe80::1%eth0',
    '1.2.3.4::',
    '::1.2.3',
    ':::1.2.3.4',
    '::1.2.3.4:1',
    '1:2:3:4:5:6:7:1.2.3.4',
  ])('%s is none', (text) => {
    expect(parseIp(text)).toBeUndefined()
  })

  it('of IPv4 may be written as one of IPv6', () => {
    expect(isMapped(parseIp('::ffff:1.2.3.4')!)).toBe(true)
    expect(isMapped(parseIp('::1')!)).toBe(false)
    expect(isMapped(parseIp('1.2.3.4')!)).toBe(false)
  })
})

describe('a network', () => {
  it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/08', 'x/8', '::/129'])('is not %s', (text) => {
    expect(parseCidr(text)).toBeUndefined()
  })

  it('has addresses and networks', () => {
    const net = parseCidr('192.168.0.7/24')!
    expect(formatIp(networkOf(net.ip, net.prefix))).toBe('192.168.0.0')
    expect(cidrHas(net, parseIp('192.168.0.255')!)).toBe(true)
    expect(cidrHas(net, parseIp('192.168.1.0')!)).toBe(false)
    expect(cidrHas(net, parseIp('::1')!)).toBe(false)
    expect(cidrHas(net, parseIp('192.168.0.0')!, 16)).toBe(false)
    expect(cidrHas(net, parseIp('192.168.0.0')!, 25)).toBe(true)
    expect(cidrHas(parseCidr('::/0')!, parseIp('fe80::1')!)).toBe(true)
  })
})
