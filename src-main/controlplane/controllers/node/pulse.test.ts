import { expect, it } from 'vitest'
import type { Timer } from '../../../../src-kube/machinery/clock.ts'
import { Pulse } from './pulse.ts'

function arrange() {
  const time = { wall: 1_000_000, monotonic: 0 }
  let tick: () => void = () => undefined
  const clock = {
    now: () => time.wall,
    monotonic: () => time.monotonic,
    after(_delay: number, callback: () => void): Timer {
      tick = callback
      return { cancel: () => undefined }
    },
  }
  const pass = (monotonic: number, wall = monotonic) => {
    time.monotonic += monotonic
    time.wall += wall
  }
  return { pulse: new Pulse(clock, new AbortController().signal), pass, tick: () => tick() }
}

it('measures silence since a node was last heard of', () => {
  const { pulse, pass, tick } = arrange()
  pulse.heard('n1')
  for (let i = 0; i < 8; i++) {
    pass(5000)
    tick()
  }
  expect(pulse.silence('n1')).toBe(40_000)
  expect(pulse.silence('new')).toBe(0)
})

it('starts over when its own heart missed beats, whoever notices first', () => {
  const { pulse, pass } = arrange()
  pulse.heard('n1')
  pass(3_600_000)
  expect(pulse.silence('n1')).toBe(0)
})

it('starts over when only the wall clock went on: a suspend that stops the monotonic clock', () => {
  const { pulse, pass, tick } = arrange()
  pulse.heard('n1')
  pass(5000)
  tick()
  pass(100, 3_600_000)
  expect(pulse.silence('n1')).toBe(0)
})
