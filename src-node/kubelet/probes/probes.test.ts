import { describe, expect, it } from 'vitest'
import type { Container, Pod } from '#types/core/v1'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { createProber } from './index.ts'
import { portOf } from './run-probe.ts'
import { initialState, observe } from './threshold.ts'

const pod = { metadata: { name: 'p', namespace: 'default', uid: 'u' } } as Pod
const command = (name: string) => ({ exec: { command: [name] } })

/** A prober whose commands answer what `answers` holds for them, and what it told. */
function world() {
  const clock = new FakeClock()
  const answers: Record<string, boolean> = {}
  const asked: string[] = []
  const told: string[] = []
  const unhealthy: string[] = []
  const prober = createProber({
    clock,
    signal: new AbortController().signal,
    exec: (_, [name = '']) => {
      asked.push(`${name}@${clock.monotonic() / 1000}`)
      return Promise.resolve(answers[name] ? { exitCode: 0, output: '' } : { exitCode: 1, output: 'no' })
    },
    onResult: (uid, { container, kind, ok }) => void told.push(`${uid}/${container} ${kind} ${ok}`),
    onWarning: () => undefined,
    onUnhealthy: (_, container, kind, message) => void unhealthy.push(`${container} ${kind} ${message}`),
  })
  return { clock, answers, asked, told, unhealthy, prober }
}

describe('thresholds', () => {
  it('turn the result after enough equal answers in a row', () => {
    let state = initialState('readiness')
    const seen: boolean[] = []
    for (const ok of [false, true, true, false, true, false, false]) {
      const next = observe(state, ok, { success: 2, failure: 2 })
      state = next.state
      seen.push(next.changed)
    }
    expect(seen).toEqual([false, false, true, false, false, false, true])
    expect(state.result).toBe(false)
  })
})

describe('the prober', () => {
  it('counts the answers of containers that it watches', async () => {
    const { clock, answers, prober } = world()
    const livenessProbe = { ...command('l'), periodSeconds: 5 }
    prober.start(pod, { name: 'c', livenessProbe }, { podIp: '', containerId: 'c-0' })
    answers['l'] = true
    await clock.advance(5_000)
    answers['l'] = false
    await clock.advance(5_000)
    const told = prober.counts().map(({ container, kind, result, count }) => `${container} ${kind} ${result} ${count}`)
    expect(told).toEqual(['c liveness successful 2', 'c liveness failed 1'])
    prober.stop('u')
    expect(prober.counts()).toEqual([])
  })

  it('asks at once after the delay, then every period, and tells only changes', async () => {
    const { clock, answers, asked, told, unhealthy, prober } = world()
    const readinessProbe = { ...command('r'), initialDelaySeconds: 2, periodSeconds: 5, failureThreshold: 2 }
    const container: Container = { name: 'c', readinessProbe }
    prober.start(pod, container, { podIp: '10.0.0.1', containerId: 'one' })
    prober.start(pod, container, { podIp: '10.0.0.1', containerId: 'one' })
    await clock.advance(2_000)
    expect([asked, told]).toEqual([['r@2'], []])
    expect(unhealthy).toEqual(['c readiness Readiness probe failed: no'])
    answers.r = true
    await clock.advance(10_000)
    expect(asked).toEqual(['r@2', 'r@7', 'r@12'])
    expect(told).toEqual(['u/c readiness true'])
    answers.r = false
    await clock.advance(10_000)
    expect(told).toEqual(['u/c readiness true', 'u/c readiness false'])
    prober.stop('u')
    await clock.advance(60_000)
    expect(asked).toHaveLength(5)
    expect(clock.pending).toBe(0)
  })

  it('holds the others back until the container has started', async () => {
    const { clock, answers, asked, told, prober } = world()
    const every = { periodSeconds: 1, failureThreshold: 3 }
    const startupProbe = { ...command('s'), ...every }
    prober.start(
      pod,
      { name: 'c', startupProbe, livenessProbe: { ...command('l'), ...every } },
      { podIp: '10.0.0.1', containerId: 'one' },
    )
    await clock.advance(1_000)
    expect(asked).toEqual(['s@0', 's@1'])
    answers.s = true
    await clock.advance(1_000)
    expect(told).toEqual(['u/c startup true'])
    await clock.advance(2_000)
    expect(told).toEqual(['u/c startup true', 'u/c liveness false'])
    expect(clock.pending).toBe(0)
  })

  it("counts the other probes' initial delays from the container's start, not from the end of its startup", async () => {
    const { clock, answers, asked, prober } = world()
    const startupProbe = { ...command('s'), periodSeconds: 4 }
    const readinessProbe = { ...command('r'), initialDelaySeconds: 3, periodSeconds: 60 }
    const livenessProbe = { ...command('l'), initialDelaySeconds: 6, periodSeconds: 60 }
    prober.start(
      pod,
      { name: 'c', startupProbe, readinessProbe, livenessProbe },
      { podIp: '10.0.0.1', containerId: 'one' },
    )
    await clock.advance(0)
    answers.s = true
    await clock.advance(8_000)
    expect(asked).toEqual(['s@0', 's@4', 'r@4', 'l@6'])
  })
})

it('of a pod that ends asks on whether it is ready, not whether it lives', async () => {
  const { clock, answers, asked, told, prober } = world()
  const every = { periodSeconds: 1, failureThreshold: 1 }
  answers.r = answers.l = true
  const probes = { readinessProbe: { ...command('r'), ...every }, livenessProbe: { ...command('l'), ...every } }
  prober.start(pod, { name: 'c', ...probes }, { podIp: '10.0.0.1', containerId: 'one' })
  await clock.advance(1_000)
  prober.stopLiveness('other')
  prober.stopLiveness('u')
  answers.r = answers.l = false
  await clock.advance(1_000)
  expect(asked).toEqual(['r@0', 'l@0', 'r@1', 'l@1', 'r@2'])
  expect(told).toEqual(['u/c readiness true', 'u/c readiness false'])
  prober.stop('u')
  expect(clock.pending).toBe(0)
})

it('an engine that is away is no failure of a container, and what was known stays', async () => {
  const clock = new FakeClock()
  const told: string[] = []
  let away = true
  const prober = createProber({
    clock,
    signal: new AbortController().signal,
    exec: () => (away ? Promise.reject(new Error('ECONNREFUSED')) : Promise.resolve({ exitCode: 1, output: '' })),
    onResult: (_uid, { container, kind, ok }) => void told.push(`${container} ${kind} ${ok}`),
    onUnhealthy: () => undefined,
    onWarning: () => undefined,
  })
  const every = { periodSeconds: 1, failureThreshold: 2 }
  const container: Container = { name: 'c', readinessProbe: { ...command('r'), ...every } }
  prober.start(pod, container, { podIp: '10.0.0.1', containerId: 'one', before: { ready: true, started: true } })
  await clock.advance(5_000)
  expect(told).toEqual([])
  away = false
  await clock.advance(2_000)
  expect(told).toEqual(['c readiness false'])
  prober.stop('u')
})

it('finds ports by number and name', () => {
  const container: Container = { name: 'c', ports: [{ name: 'web', containerPort: 8080 }] }
  expect([portOf('web', container), portOf(81, container), portOf('82', container)]).toEqual([8080, 81, 82])
  expect(() => portOf('none', container)).toThrow("couldn't find port: none")
})

it('a question that cannot be asked is told of and counts against nobody', async () => {
  const clock = new FakeClock()
  const told: string[] = []
  const prober = createProber({
    clock,
    signal: new AbortController().signal,
    exec: () => Promise.reject(new Error('no such exec')),
    onResult: () => void told.push('a result'),
    onUnhealthy: (_, container, kind, message) => void told.push(`${container} ${kind} ${message}`),
    onWarning: () => undefined,
  })
  const once = { periodSeconds: 10, failureThreshold: 1 }
  const container: Container = {
    name: 'c',
    ports: [{ containerPort: 80 }],
    readinessProbe: { httpGet: { port: 'http' }, ...once },
    livenessProbe: { tcpSocket: { port: 'web' }, ...once },
  }
  prober.start(pod, container, { podIp: '10.0.0.1', containerId: 'one' })
  prober.start(
    pod,
    { name: 'd', readinessProbe: once, livenessProbe: { ...command('l'), ...once } },
    { podIp: '', containerId: 'two' },
  )
  await clock.advance(1000)
  const errored = 'probe errored and resulted in unknown state:'
  expect(told.toSorted()).toEqual([
    `c liveness Liveness ${errored} strconv.Atoi: parsing "web": invalid syntax`,
    `c readiness Readiness ${errored} strconv.Atoi: parsing "http": invalid syntax`,
    `d liveness Liveness ${errored} no such exec`,
    `d readiness Readiness ${errored} missing probe handler for default/p:d`,
  ])
  expect(prober.counts().map(({ result }) => result)).toEqual(['unknown', 'unknown', 'unknown', 'unknown'])
  prober.stop('u')
})
