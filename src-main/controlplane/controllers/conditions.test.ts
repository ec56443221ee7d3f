import { expect, test } from 'vitest'
import { withCondition } from './conditions.ts'

const [before, now] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z']
const ready = { type: 'Ready', status: 'True', reason: 'Fine', lastTransitionTime: before }
const other = { type: 'Other', status: 'True', reason: 'Fine', lastTransitionTime: before }

test('a condition that is new comes last, with the time of now', () => {
  const draft = { type: 'Ready', status: 'True', reason: 'Fine' }
  expect(withCondition([other], draft, now)).toEqual([other, { ...ready, lastTransitionTime: now }])
})

test.each([
  ['keeps the time of its transition while its status stays', 'True', before],
  ['gets the time of now when its status changes', 'False', now],
])('a condition %s', (_, status, lastTransitionTime) => {
  const draft = { type: 'Ready', status, reason: 'Other' }
  expect(withCondition([ready, other], draft, now)).toEqual([{ ...draft, lastTransitionTime }, other])
})

test('a condition without a time gets one', () => {
  const { lastTransitionTime: _, ...timeless } = ready
  expect(withCondition<{ type: string; lastTransitionTime?: string }>([timeless], timeless, now)).toEqual([
    { ...timeless, lastTransitionTime: now },
  ])
})
