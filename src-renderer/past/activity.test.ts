import { describe, expect, it } from 'vitest'
import { heightsOf } from './activity.ts'

describe('the bars over the slider', () => {
  it('show what stands out from what is always written, few beside many', () => {
    expect(heightsOf([2, 3, 2, 102, 3, 27, 2])).toEqual([0, 0, 0, 1, 0, Math.sqrt(24 / 99), 0])
  })

  it('are none where nothing stands out', () => {
    expect(heightsOf([2, 2, 2])).toEqual([0, 0, 0])
    expect(heightsOf([])).toEqual([])
  })
})
