import { expect, it } from 'vitest'
import { channel } from '../../../src-wire/gateway/frames.ts'
import { Transcript } from './transcript.ts'

const unheard = { hold: () => undefined, resume: () => undefined }
const bytes = (text: string): Uint8Array => Buffer.from(text)

function reading(transcript: Transcript, credit = 1000) {
  const said: string[] = []
  const reader = transcript.read((on, piece) => void said.push(`${on}:${Buffer.from(piece).toString()}`), credit)
  return { said, ...reader }
}

it('tells again what was said, in order, then what is said', () => {
  const transcript = new Transcript({ ...unheard })
  transcript.note({ type: 'began', line: 'get po', namespace: 'default' })
  transcript.say(channel.stdout, bytes('one'))
  const { said } = reading(transcript)
  transcript.say(channel.stderr, bytes('two'))
  expect(said).toEqual(['4:{"type":"began","line":"get po","namespace":"default"}', '1:one', '2:two'])
  transcript.clear()
  expect(reading(transcript).said).toEqual([])
  transcript.say(channel.stdout, bytes('three'))
  expect(reading(transcript).said).toEqual(['1:three'])
  expect(said.at(-1)).toBe('1:three')
})

it('keeps so much and no more, and says that something is missing', () => {
  const transcript = new Transcript({ ...unheard, most: 100 })
  for (let i = 0; i < 50; i++) transcript.say(channel.stdout, bytes(`line ${i}\n`))
  const { said } = reading(transcript)
  expect(said[0]).toBe('4:{"type":"cut"}')
  expect(said.at(-1)).toBe('1:line 49\n')
  expect(said.join('').length).toBeLessThan(200)
})

it('holds who writes while a reader cannot take more, and lets go when it can or is gone', () => {
  const told: string[] = []
  const transcript = new Transcript({ hold: () => told.push('hold'), resume: () => told.push('resume') })
  const slow = reading(transcript, 3)
  const quick = reading(transcript)
  transcript.say(channel.stdout, bytes('four'))
  transcript.say(channel.stdout, bytes('more'))
  expect([slow.said, quick.said]).toEqual([['1:four'], ['1:four', '1:more']])
  expect(told).toEqual(['hold'])
  slow.grant(10)
  expect(slow.said).toEqual(['1:four', '1:more'])
  expect(told).toEqual(['hold', 'resume'])
  transcript.say(channel.stdout, bytes('a good deal'))
  slow.close()
  expect(told.slice(2)).toEqual(['hold', 'resume'])
})
