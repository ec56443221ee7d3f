import { describe, expect, it } from 'vitest'
import { mostByThemselves, namespacesToAsk, type KnownNamespaces } from './accessible.ts'

const ask = (known: Partial<KnownNamespaces>): string[] =>
  namespacesToAsk({ named: [], context: undefined, listed: undefined, visited: [], ...known })

describe('the namespaces to ask where the cluster as a whole may not be read', () => {
  it('are those that a person named', () => {
    expect(ask({ named: ['shop', 'blog'], context: 'lab', listed: ['default', 'lab'] })).toEqual(['blog', 'shop'])
  })

  it('are else all that there are, unless they are too many to ask one by one', () => {
    expect(ask({ listed: ['b', 'a'], context: 'a' })).toEqual(['a', 'b'])
    const many = Array.from({ length: mostByThemselves + 1 }, (_, at) => `n${at}`)
    expect(ask({ listed: many, context: 'n7' })).toEqual(['n7'])
  })

  it('are else that of the context, which is `default` where it says none', () => {
    expect([ask({ context: 'shop' }), ask({}), ask({ context: '' })]).toEqual([['shop'], ['default'], ['default']])
  })

  it('hold what a link or a filter led to', () => {
    expect(ask({ named: ['shop'], visited: ['lab', 'shop'] })).toEqual(['lab', 'shop'])
  })
})
