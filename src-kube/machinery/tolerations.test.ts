import type { Toleration } from '#types/core/v1'
import { expect, it } from 'vitest'
import { tolerates } from './tolerations.ts'

const taint = { key: 'k', value: '5', effect: 'NoSchedule' as const }

// kubernetes.io, "Taints and Tolerations": a toleration matches when keys and effects are the same and the operator holds.
it.each<[Toleration, boolean]>([
  [{ key: 'k', operator: 'Equal', value: '5', effect: 'NoSchedule' }, true],
  [{ key: 'k', value: '5' }, true],
  [{ key: 'k', value: '6' }, false],
  [{ key: 'k' }, false],
  [{ key: 'j', value: '5' }, false],
  [{ key: 'k', operator: 'Exists' }, true],
  [{ key: 'k', operator: 'Exists', effect: 'NoExecute' }, false],
  [{ operator: 'Exists' }, true],
  [{ operator: 'Exists', effect: 'NoSchedule' }, true],
  [{ operator: 'Equal', value: '5' }, false],
  [{ key: 'k', operator: 'Lt', value: '6' }, true],
  [{ key: 'k', operator: 'Lt', value: '5' }, false],
  [{ key: 'k', operator: 'Gt', value: '4' }, true],
  [{ key: 'k', operator: 'Gt', value: '-5' }, true],
  [{ key: 'k', operator: 'Gt', value: '10' }, false],
  [{ key: 'k', operator: 'Gt', value: 'x' }, false],
  [{ key: 'k', operator: 'Gt' }, false],
])('%j tolerates k=5:NoSchedule: %s', (toleration, expected) => {
  expect(tolerates([toleration], taint)).toBe(expected)
})

it('takes an absent value for an empty one', () => {
  expect(tolerates([{ key: 'k', value: '' }], { key: 'k', effect: 'NoSchedule' })).toBe(true)
  expect(tolerates([{ key: 'k', operator: 'Lt', value: '1' }], { key: 'k', effect: 'NoSchedule' })).toBe(false)
})

it('needs any of several tolerations, and none is not enough', () => {
  expect(
    tolerates(
      [
        { key: 'j', operator: 'Exists' },
        { key: 'k', operator: 'Exists' },
      ],
      taint,
    ),
  ).toBe(true)
  expect(tolerates([], taint)).toBe(false)
  expect(tolerates(undefined, taint)).toBe(false)
})
