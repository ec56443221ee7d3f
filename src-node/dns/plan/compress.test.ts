import { decode, encode, type Packet } from 'dns-packet'
import { expect, it } from 'vitest'
import { compressed } from './compress.ts'

const address = (name: string, data: string) => ({ type: 'A', name, ttl: 5, data })
const WEB = 'web.shop.svc.cluster.local'

it('names that were there before are told by where they stand', () => {
  const reply: Packet = {
    id: 7,
    type: 'response',
    questions: [{ type: 'A', name: WEB }],
    answers: [address(WEB, '10.0.0.1'), address(WEB, '10.0.0.2')],
  }
  const [whole, small] = [encode(reply), compressed(encode(reply))]
  expect(whole.length - small.length).toBe(2 * WEB.length)
  expect(decode(small)).toEqual(decode(whole))
})

it('a name is told as it was asked for, and data is left alone', () => {
  const target = `a.${WEB}`
  const reply: Packet = {
    type: 'response',
    questions: [{ type: 'SRV', name: 'WEB.shop.svc.cluster.local' }],
    answers: [{ type: 'SRV', name: WEB, ttl: 5, data: { priority: 0, weight: 100, port: 80, target } }],
    authorities: [address('other', '10.0.0.3')],
    additionals: [address(target, '10.0.0.1'), { type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options: [] }],
  }
  const read = decode(compressed(encode(reply)))
  expect(read.answers).toEqual([
    expect.objectContaining({ name: 'WEB.shop.svc.cluster.local', data: expect.objectContaining({ target }) }),
  ])
  expect(read.authorities?.map(({ name }) => name)).toEqual(['other'])
  expect(read.additionals?.map(({ name }) => name)).toEqual([target, '.'])
})
