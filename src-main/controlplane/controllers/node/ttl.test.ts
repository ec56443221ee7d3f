import { afterEach, describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { harness } from '../testing/harness.ts'
import { stepFor, ttlController } from './ttl.ts'

let h = harness([])
afterEach(() => h.finish())

describe('how long kubelets may trust what they have read', () => {
  it('stands on every node, and grows with their number', async () => {
    h = harness([ttlController()])
    await h.start()
    for (let i = 0; i <= 100; i++) {
      h.server.put(refs.nodes, { metadata: { name: `n${i}`, annotations: { other: 'x' } } })
      await h.settle()
    }
    const annotations = (name: string) => h.server.peek(refs.nodes, name)?.metadata.annotations
    expect(annotations('n0')).toEqual({ other: 'x', 'node.alpha.kubernetes.io/ttl': '0' })
    expect(annotations('n100')).toEqual({ other: 'x', 'node.alpha.kubernetes.io/ttl': '15' })
  })

  it.each([
    [100, 0, 0],
    [101, 0, 1],
    [95, 1, 1],
    [89, 1, 0],
    [5000, 0, 4],
    [1, 4, 0],
  ])('of %d nodes after step %d is that of step %d', (count, from, expected) => {
    expect(stepFor(count, from)).toBe(expected)
  })
})
