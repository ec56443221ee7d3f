import { expect, test } from 'vitest'
import type { Pod, Service } from '#types/core/v1'
import { TriggerTimes } from './trigger-time.ts'

const at = (second: number): string => new Date(second * 1000).toISOString().replace('.000', '')
const service = (second: number) => ({ metadata: { name: 's', creationTimestamp: at(second) } }) as Service
const pod = (name: string, second?: number) =>
  ({
    metadata: { name },
    ...(second === undefined ? {} : { status: { conditions: [{ type: 'Ready', lastTransitionTime: at(second) }] } }),
  }) as Pod

test('A new service changed when it was made, whatever its pods are', () => {
  const times = new TriggerTimes()
  expect(times.next('a/s', service(3), [pod('p', 1), pod('q', 5)])).toBe(3000)
  expect(times.next('a/t', { metadata: { name: 't' } } as Service, [])).toBeUndefined()
})

test('Later the first of the pods that changed counts, each once', () => {
  const times = new TriggerTimes()
  times.next('a/s', service(1), [pod('p', 2)])
  expect(times.next('a/s', service(1), [pod('p', 2), pod('q', 5), pod('r', 4), pod('new')])).toBe(4000)
  expect(times.next('a/s', service(1), [pod('p', 2), pod('q', 5), pod('r', 4)])).toBeUndefined()
  expect(times.next('a/s', service(1), [pod('p', 2)])).toBeUndefined()
  expect(times.next('a/s', service(1), [pod('p', 7)])).toBe(7000)
})

test('A service that was made again changed then, and one that is forgotten is new', () => {
  const times = new TriggerTimes()
  times.next('a/s', service(1), [pod('p', 2)])
  expect(times.next('a/s', service(9), [pod('p', 2)])).toBe(9000)
  times.forget('a/s')
  expect(times.next('a/s', service(9), [pod('p', 12)])).toBe(9000)
})
