import { describe, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import { untilRefusedMayReturn } from './refused-pods.ts'

const start = Date.parse('2026-01-01T00:00:00Z')
const failed = (second: number, status: Pod['status'] = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `p${second}`, uid: '', resourceVersion: '', creationTimestamp: formatTime(start + second * 1000) },
  spec: { containers: [] },
  status: { phase: 'Failed', reason: 'OutOfcpu', ...status },
})
const wait = (pods: Pod[], second: number) => untilRefusedMayReturn(pods, start + second * 1000) / 1000

describe('the pause after pods were refused', () => {
  it('is a second, doubled by each round up to five minutes', () => {
    const rounds = [0, 1, 3, 7].map((second) => failed(second))
    expect(rounds.map((_, i) => wait(rounds.slice(0, i + 1), 7))).toEqual([-6, -4, 0, 8])
    const many = Array.from({ length: 30 }, (_, i) => failed(i * 300))
    expect(wait(many, 29 * 300)).toBe(300)
  })

  it('counts pods of one second as one round', () => {
    expect(wait([failed(0), failed(0), failed(0)], 0)).toBe(1)
  })

  it('begins anew after ten minutes without a refusal', () => {
    expect(wait([failed(0), failed(1), failed(3), failed(700)], 700)).toBe(1)
  })

  it('is not for pods whose containers ran, nor for those that say no reason', () => {
    const terminated = { exitCode: 1 }
    const ran = { name: 'c', image: 'i', imageID: '', ready: false, restartCount: 0, state: { terminated } }
    expect(wait([failed(0, { containerStatuses: [ran] }), failed(0, { reason: '' })], 0)).toBe(0)
  })
})
