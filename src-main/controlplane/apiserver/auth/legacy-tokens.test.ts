import { expect, test } from 'vitest'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { isLegacyToken, LAST_USED, noteLegacyUse } from './legacy-tokens.ts'

const DAY = 86_400_000
const secret = (labels: Record<string, string> = {}): KubeObject =>
  partial({ type: 'kubernetes.io/service-account-token', metadata: { name: 's', namespace: 'd', uid: 'u', labels } })

test('The day of the last use is noted once a day', async () => {
  const clock = new FakeClock()
  const written: unknown[] = []
  const note = noteLegacyUse({
    clock,
    label: (...note_) => Promise.resolve(void written.push(note_)),
    log: () => {},
  })
  note(secret())
  note(secret())
  expect(written).toEqual([['d', 's', { [LAST_USED]: '2026-01-01' }]])
  await clock.advance(DAY)
  // Somebody else noted it.
  note(secret({ [LAST_USED]: '2026-01-02' }))
  expect(written).toHaveLength(1)
  note(secret({ [LAST_USED]: '2026-01-01' }))
  expect(written).toHaveLength(2)
})

test('A note that could not be written is told of and tried again', async () => {
  const told: string[] = []
  let tries = 0
  const note = noteLegacyUse({
    clock: new FakeClock(),
    label: () => Promise.reject(new Error(`no ${++tries}`)),
    log: (message, error) => void told.push(`${message}: ${(error as Error).message}`),
  })
  note(secret())
  await Promise.resolve()
  note(secret())
  await Promise.resolve()
  expect(told).toEqual(['use of the token in secret d/s: no 1', 'use of the token in secret d/s: no 2'])
})

test('Other secrets are no tokens', () => {
  expect(isLegacyToken(secret())).toBe(true)
  expect(isLegacyToken({ ...secret(), type: 'Opaque' })).toBe(false)
})
