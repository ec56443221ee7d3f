import { expect, it } from 'vitest'
import { trailOf } from './trail.ts'

const sample = (at: number, cpu: number) => ({ at, cpu, memory: 0 })

it('draws from what was first known to now, as high as the most of it', () => {
  expect(trailOf([sample(0, 0), sample(120_000, 50), sample(240_000, 100)], 'cpu')).toBe('M0.0 13.0L14.0 7.0L28.0 1.0')
})

it('keeps to the right while little is known, and lies low while hardly anything is used', () => {
  expect(trailOf([sample(0, 0), sample(30_000, 5), sample(60_000, 0)], 'cpu')).toBe('M0.0 13.0L14.0 7.0L28.0 13.0')
  expect(trailOf([sample(0, 70), sample(30_000, 70)], 'cpu')).toBe('M14.0 1.0L28.0 1.0')
  expect(trailOf([sample(0, 7), sample(60_000, 7)], 'memory')).toBe('M0.0 13.0L28.0 13.0')
})

it('draws nothing of one sample: there is no before', () => {
  expect(trailOf([sample(0, 7)], 'cpu')).toBe('')
})
