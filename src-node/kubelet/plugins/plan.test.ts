import { describe, expect, it } from 'vitest'
import { planPlugins } from './plan.ts'

const map = (entries: Record<string, string>) => new Map(Object.entries(entries))

describe('what a look into the directory of plugins leads to', () => {
  it('asks those that are new and lets go those that are no more', () => {
    expect(planPlugins(map({ a: '1', b: '1' }), map({ b: '1', c: '1' }))).toEqual({ gone: ['a'], fresh: ['c'] })
  })

  it('lets go and asks again who made the socket anew', () => {
    expect(planPlugins(map({ a: '1' }), map({ a: '2' }))).toEqual({ gone: ['a'], fresh: ['a'] })
  })

  it('does nothing when all is as it was', () => {
    expect(planPlugins(map({ a: '1' }), map({ a: '1' }))).toEqual({ gone: [], fresh: [] })
  })
})
