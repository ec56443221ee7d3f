import { expect, test } from 'vitest'
import { hostRange, ipToNumber, networkHas, numberToIp } from './ipv4.ts'

test('addresses become numbers and back, and what is no canonical address becomes none', () => {
  expect(numberToIp(ipToNumber('10.96.0.1')!)).toBe('10.96.0.1')
  for (const text of ['10.96.0', '10.96.0.01', '10.96.0.256', '::1']) expect(ipToNumber(text)).toBeUndefined()
})

test('hosts have the addresses between the network and its broadcast address', () => {
  expect(hostRange('10.96.0.7/29').map(numberToIp)).toEqual(['10.96.0.1', '10.96.0.6'])
  for (const cidr of ['10.96.0.0/31', '10.0.0.0/4', 'x/24', '10.0.0.0']) expect(() => hostRange(cidr)).toThrow(cidr)
})

test.each([
  ['203.0.113.0/24', '203.0.113.10', true],
  ['203.0.113.0/24', '203.0.114.10', false],
  ['203.0.113.0/24', '2001:db8::1', false],
  ['2001:db8::/64', '203.0.113.10', false],
  ['203.0.113.0', '203.0.113.0', false],
])('%s has %s: %s', (cidr, ip, has) => expect(networkHas(cidr, ip)).toBe(has))
