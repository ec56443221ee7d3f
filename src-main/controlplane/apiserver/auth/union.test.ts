import { describe, expect, it } from 'vitest'
import type { AccessAttributes, Decision } from './auth.ts'
import { unionOf } from './union.ts'

const asked = {} as AccessAttributes
const no = (reason?: string) => (): Decision => ({ allowed: false, ...(reason ? { reason } : {}) })
const later = (decision: Decision) => () => Promise.resolve(decision)

describe('authorizers one after the other', () => {
  it('answer at once when none has to be waited for', () => {
    expect(unionOf([no('first'), no('second')])(asked)).toEqual({ allowed: false, reason: 'first\nsecond' })
    expect(unionOf([no('first'), () => ({ allowed: true })])(asked)).toEqual({ allowed: true })
    expect(unionOf([])(asked)).toEqual({ allowed: false })
  })

  it('wait for one that does not, and go on after it', async () => {
    expect(await unionOf([later({ allowed: false, reason: 'late' }), no('then')])(asked)).toEqual({
      allowed: false,
      reason: 'late\nthen',
    })
    expect(await unionOf([no(), later({ allowed: true }), no()])(asked)).toEqual({ allowed: true })
  })

  it('ask nobody after one denied', () => {
    const denied = { allowed: false, denied: true, reason: 'never' }
    expect(unionOf([() => denied, () => ({ allowed: true })])(asked)).toBe(denied)
  })
})
