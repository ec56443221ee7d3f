import { expect, it } from 'vitest'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { EnginePulse } from './engine-pulse.ts'

/** An engine that answers, refuses, or is frozen: then it only ever notices that nobody waits any more. */
function arrange() {
  const clock = new FakeClock()
  const stop = new AbortController()
  const state = { mood: 'well' as 'well' | 'frozen' | 'gone', turns: 0, waiting: 0 }
  const docker = {
    ping({ abortSignal }: { abortSignal: AbortSignal }): Promise<unknown> {
      if (state.mood === 'well') return Promise.resolve('OK')
      if (state.mood === 'gone') return Promise.reject(new Error('ECONNREFUSED'))
      state.waiting++
      return new Promise((_, reject) =>
        abortSignal.addEventListener('abort', () => {
          state.waiting--
          reject(abortSignal.reason as Error)
        }),
      )
    },
  }
  const pulse = new EnginePulse({ docker, clock, signal: stop.signal, onChange: () => void state.turns++ })
  return { clock, state, pulse, stop }
}

it('an engine that hangs is down after half a minute, says so once, and is up again with its first answer', async () => {
  const { clock, state, pulse } = arrange()
  await clock.advance(60_000)
  expect([pulse.problem, state.turns]).toEqual(['', 0])
  state.mood = 'frozen'
  await clock.advance(25_000)
  expect([pulse.problem, state.turns]).toEqual(['', 0])
  await clock.advance(20_000)
  expect([pulse.problem, state.turns]).toEqual(['container runtime is down', 1])
  expect(state.waiting).toBeLessThan(2)
  await clock.advance(165_000)
  expect(pulse.problem).toBe(
    '[container runtime is down, PLEG is not healthy: pleg was last seen active 3m30s ago; threshold is 3m0s]',
  )
  expect(state.turns).toBe(1)
  await clock.advance(3_600_000)
  expect(pulse.problem).toContain('last seen active 1h3m30s ago')
  state.mood = 'well'
  await clock.advance(15_000)
  expect([pulse.problem, state.turns]).toEqual(['', 2])
})

it('an engine that refuses is down too, and nobody asks after the end', async () => {
  const { clock, state, pulse, stop } = arrange()
  await clock.advance(0)
  state.mood = 'gone'
  await clock.advance(36_000)
  expect(pulse.problem).toBe('container runtime is down')
  pulse.heard()
  expect([pulse.problem, state.turns]).toEqual(['', 2])
  stop.abort()
  await clock.advance(10_000)
  expect(clock.pending).toBe(0)
})
