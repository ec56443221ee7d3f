import { expect, it, test } from 'vitest'
import { isKnown, noted, ownersOf, type PullSecret } from './pull-records.ts'

const secret = (name: string, hash = name, uid = name): PullSecret => ({ namespace: 'ns', name, uid, hash })

it('an image is for those with a secret that it was pulled with, or with one that says the same', () => {
  const record = noted(undefined, secret('a', 'x'))
  expect(isKnown(record, [secret('other'), secret('a', 'x')])).toBe(true)
  expect(isKnown(record, [secret('a', 'changed')]), 'the same secret after a change').toBe(true)
  expect(isKnown(record, [secret('b', 'x')]), 'what it says, in another').toBe(true)
  expect(isKnown(record, [secret('a', 'y', 'made-anew')])).toBe(false)
  expect(isKnown(record, [])).toBe(false)
})

it('what anybody could pull is for everybody from then on', () => {
  const open = noted(noted(undefined, secret('a')), undefined)
  expect(open).toEqual({ everybody: true, secrets: [] })
  expect(noted(open, secret('b'))).toEqual(open)
})

it('a secret is remembered once, as it was last', () => {
  const record = noted(noted(noted(undefined, secret('a', '1')), secret('b')), secret('a', '2'))
  expect(record.secrets).toEqual([secret('b'), secret('a', '2')])
})

test.each([
  ['NeverVerifyPreloadedImages', false, true],
  ['NeverVerifyPreloadedImages', true, false],
  ['NeverVerify', true, true],
  ['AlwaysVerify', false, false],
] as const)('%s: an image that the kubelet pulled (%s) is for everybody: %s', (policy, pulled, everybody) => {
  expect(ownersOf(pulled ? noted(undefined, secret('a')) : undefined, policy).everybody).toBe(everybody)
})
