import { decode, type Packet } from 'dns-packet'
import { expect, it } from 'vitest'
import { writtenWithin } from './fit.ts'

const NAME = 'web.shop.svc.cluster.local'
const reply = (answers: number): Packet => ({
  id: 1,
  type: 'response',
  questions: [{ type: 'A', name: NAME }],
  answers: Array.from({ length: answers }, (_, i) => ({ type: 'A', name: NAME, ttl: 5, data: `10.0.0.${i}` })),
})

it('an answer that fits is whole', () => {
  const read = decode(writtenWithin(reply(29), 512))
  expect(read).toMatchObject({ flag_tc: false })
  expect(read.answers).toHaveLength(29)
})

it('of one that does not fit there is as much as does', () => {
  const bytes = writtenWithin(reply(40), 512)
  const read = decode(bytes)
  expect(bytes.length).toBeLessThanOrEqual(512)
  expect(read).toMatchObject({ flag_tc: true })
  expect(read.answers).toHaveLength(29)
})
