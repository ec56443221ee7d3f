import { decode, encode, type Packet } from 'dns-packet'
import { expect, it } from 'vitest'
import { truncated, udpSize, withExtension } from './edns.ts'

const asks = (udpPayloadSize: number): Packet => ({
  additionals: [{ type: 'OPT', name: '.', udpPayloadSize, flags: 0, options: [] }],
})
const address = { type: 'A', name: 'x', data: '10.0.0.1' }
const types = (packet: Packet) => packet.additionals?.map(({ type }) => type)

it('an answer may be as long as the client says, within bounds', () => {
  expect([udpSize({}), udpSize(asks(100)), udpSize(asks(1232)), udpSize(asks(65_535))]).toEqual([512, 512, 1232, 4096])
})

it('an answer is extended if and only if its query is', () => {
  expect(types(withExtension(asks(1232), { additionals: [address] }))).toEqual(['A', 'OPT'])
  expect(types(withExtension(asks(1232), {}))).toEqual(['OPT'])
  expect(types(withExtension({}, { additionals: [address, ...asks(4096).additionals!] }))).toEqual(['A'])
  expect(types(withExtension({}, {}))).toEqual([])
  const kept = withExtension(asks(1232), asks(999)).additionals
  expect(kept).toEqual(asks(999).additionals)
})

it('an extended answer can be written and read', () => {
  const reply = { id: 1, type: 'response' as const, questions: [{ type: 'A', name: 'x' }], answers: [address] }
  expect(types(decode(encode(withExtension(asks(1232), reply))))).toEqual(['OPT'])
})

it('what does not fit is left out, and said so', () => {
  const long = { answers: [address], authorities: [address], additionals: [address, ...asks(512).additionals!] }
  expect(truncated(long, 0)).toMatchObject({ answers: [], authorities: [], flag_tc: true, flags: 0x0200 })
  expect(truncated(long, 1)).toMatchObject({ answers: [address], authorities: [] })
  expect(types(truncated(long, 1))).toEqual(['OPT'])
  expect(truncated({ flags: 1 }, 0)).toMatchObject({ additionals: [], flags: 0x0201 })
})
