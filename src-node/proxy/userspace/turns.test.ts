import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

const at = (last: number) => ({ ip: `10.244.1.${last}`, port: 8080, local: true })
const [one, two, three] = [at(1), at(2), at(3)]

test('Connections take the endpoints in turn, and those that are left when theirs does not answer', () => {
  const turns = new Turns()
  expect(turns.order('client', 0)).toEqual([])
  turns.update([one, two, three], undefined)
  expect(turns.order('client', 0)).toEqual([one, two, three])
  expect(turns.order('client', 0)).toEqual([two, three, one])
  expect(turns.order('other', 0)).toEqual([three, one, two])
  expect(turns.order('client', 0)).toEqual([one, two, three])
})

test('A client is kept with its endpoint for as long as affinity says, from its latest connection on', () => {
  const turns = new Turns()
  turns.update([one, two], 10)
  turns.keep('client', two, 0)
  expect(turns.order('client', 9_999)[0]).toEqual(two)
  turns.keep('client', two, 9_999)
  expect(turns.order('client', 19_000)[0]).toEqual(two)
  expect(turns.order('client', 19_999)[0]).toEqual(one)
})

test('A client whose endpoint is gone gets another, and everybody does when affinity ends', () => {
  const turns = new Turns()
  turns.update([one, two], 10)
  turns.keep('client', two, 0)
  turns.update([one], 10)
  expect(turns.order('client', 1)).toEqual([one])
  turns.update([one, two], undefined)
  turns.keep('client', two, 1)
  turns.update([one, two], 10)
  expect([turns.order('client', 2)[0], turns.order('client', 2)[0]]).toEqual([two, one])
})

test('Who was silent for too long is forgotten when others come', () => {
  const turns = new Turns()
  turns.update([one, two], 10)
  turns.keep('silent', two, 0)
  turns.keep('other', one, 10_000)
  turns.update([one, two], 1_000)
  expect(turns.order('silent', 10_001)[0]).toEqual(one)
  expect(turns.order('silent', 10_001)[0]).toEqual(two)
})
