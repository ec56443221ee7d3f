import { expect, it } from 'vitest'
import type { Node } from '#types/core/v1'
import { withGiven } from './given.ts'

it('a node is judged by no less than was given away of it', () => {
  const allocatable = { cpu: '2', 'example.com/gpu': '0', 'example.com/nic': '4' }
  const node = { status: { allocatable } } as unknown as Node
  expect(withGiven(node, () => 3).status?.allocatable).toEqual({ ...allocatable, 'example.com/gpu': '3' })
  expect(withGiven(node, () => 0)).toBe(node)
})
