import { describe, expect, it } from 'vitest'
import type { Pod, PodSpec } from '#types/core/v1'
import { planPod } from './actions.ts'
import { backoffAfter, type Backoff, restartDelay, waitLeft } from './backoff.ts'
import { containerHash, SANDBOX } from './naming.ts'
import type { Observed } from './observed.ts'
import { podStatus, type StatusFacts } from './status.ts'

const now = Date.UTC(2026, 0, 1)

function pod(spec: Partial<PodSpec>): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'd', uid: 'u', resourceVersion: '1' },
    spec: { containers: [{ name: 'main', image: 'i' }], ...spec },
  }
}

function seen(name: string, over: Partial<Observed> = {}): Observed {
  const base = {
    id: `${name}-${over.attempt ?? 0}`,
    name,
    podUid: 'u',
    podName: 'p',
    podNamespace: 'd',
    attempt: 0,
    hash: '',
    group: `/docker/${name}`,
    state: 'running' as const,
    pid: 1,
  }
  return {
    ...base,
    startedAt: '2026-01-01T00:00:00Z',
    finishedAt: undefined,
    exitCode: 0,
    oomKilled: false,
    error: '',
    imageId: 'sha256:1',
    ip: '',
    ...over,
  }
}
const ended = (name: string, exitCode: number, over: Partial<Observed> = {}): Observed =>
  seen(name, { state: 'exited', exitCode, finishedAt: '2026-01-01T00:00:05Z', ...over })
const sandbox = seen(SANDBOX, { ip: '10.244.0.2' })
const plan = (p: Pod, observed: Observed[], started: string[] = []) =>
  planPod(p, { observed, backoffs: new Map(), started: new Set(started), starting: new Set(), now })
const starts = (...args: Parameters<typeof plan>): string[] =>
  plan(...args).start.map(({ container, attempt }) => `${container.name}#${attempt}`)

describe('planPod', () => {
  it('makes a sandbox and the first containers of a new pod', () => {
    expect(plan(pod({}), []).sandbox).toBe('create')
    expect(starts(pod({ containers: [{ name: 'a' }, { name: 'b' }] }), [])).toEqual(['a#0', 'b#0'])
  })

  it('does nothing while all runs', () => {
    expect(plan(pod({}), [sandbox, seen('main')])).toEqual({
      sandbox: 'keep',
      start: [],
      backoff: new Map(),
      over: false,
    })
  })

  it('runs init containers one after the other before the main ones', () => {
    const p = pod({ initContainers: [{ name: 'one' }, { name: 'two' }] })
    expect(starts(p, [sandbox])).toEqual(['one#0'])
    expect(starts(p, [sandbox, seen('one')])).toEqual([])
    expect(starts(p, [sandbox, ended('one', 0)])).toEqual(['two#0'])
    expect(starts(p, [sandbox, ended('one', 0), ended('two', 0)])).toEqual(['main#0'])
    expect(starts(p, [sandbox, ended('one', 1)])).toEqual(['one#1'])
    expect(
      starts(pod({ restartPolicy: 'Never', initContainers: [{ name: 'one' }] }), [sandbox, ended('one', 1)]),
    ).toEqual([])
  })

  it('starts no main container before the postStart hook of one before it is over', () => {
    const hooked = { name: 'proxy', lifecycle: { postStart: { sleep: { seconds: 1 } } } }
    const p = pod({ containers: [{ name: 'first' }, hooked, { name: 'app' }] })
    expect(starts(p, [sandbox])).toEqual(['first#0', 'proxy#0'])
    const beside = (starting: string[], observed: Observed[]) =>
      planPod(p, { observed, backoffs: new Map(), started: new Set(), starting: new Set(starting), now }).start
    expect(beside(['proxy'], [sandbox, seen('first'), seen('proxy')])).toEqual([])
    expect(starts(p, [sandbox, seen('first'), seen('proxy')])).toEqual(['app#0'])
    expect(starts(p, [sandbox, seen('first'), ended('proxy', 1)])).toEqual(['proxy#1'])
    const backoffs = new Map([['proxy', { ends: 2, delay: 10_000, since: now }]])
    const waiting = { observed: [sandbox, seen('first'), ended('proxy', 1)], started: new Set<string>(), now }
    const later = planPod(p, { ...waiting, backoffs, starting: new Set() }).start
    expect(later.map(({ container }) => container.name)).toEqual(['app'])
    const held = new Set(['proxy'])
    const without = planPod(p, { ...waiting, observed: [sandbox, seen('first')], backoffs, starting: held, held }).start
    expect(without.map(({ container }) => container.name)).toEqual(['app'])
  })

  it('waits for a sidecar to start, and later restarts it beside the main containers', () => {
    const p = pod({ initContainers: [{ name: 'side', restartPolicy: 'Always' }] })
    expect(starts(p, [sandbox])).toEqual(['side#0'])
    expect(starts(p, [sandbox, seen('side')])).toEqual([])
    expect(starts(p, [sandbox, seen('side')], ['side'])).toEqual(['main#0'])
    expect(starts(p, [sandbox, ended('side', 1), ended('main', 1)])).toEqual(['side#1', 'main#1'])
  })

  it('runs init containers anew in each sandbox, before anything else', () => {
    const p = pod({ initContainers: [{ name: 'one' }, { name: 'side', restartPolicy: 'Always' }] })
    const old = { startedAt: '2026-01-01T00:00:00Z' }
    const before = [ended('one', 0, old), ended('side', 137, old), ended('main', 137, old)]
    expect(starts(p, [ended(SANDBOX, 137), ...before])).toEqual(['one#1'])
    const anew = seen(SANDBOX, { attempt: 1, startedAt: '2026-01-01T00:01:00Z' })
    expect(starts(p, [anew, ...before])).toEqual(['one#1'])
    const since = { attempt: 1, startedAt: '2026-01-01T00:01:01Z' }
    expect(starts(p, [anew, ...before, ended('one', 0, since)])).toEqual(['side#1'])
    const side = seen('side', since)
    expect(starts(p, [anew, ...before, ended('one', 0, since), side], ['side'])).toEqual(['main#1'])
    expect(starts(p, [anew, ...before, ended('one', 1, since)])).toEqual(['one#2'])
  })

  it('is over when the main containers are for good, or an init container has failed for good', () => {
    const p = pod({
      restartPolicy: 'Never',
      initContainers: [{ name: 'side', restartPolicy: 'Always' }, { name: 'one' }],
    })
    const side = seen('side')
    expect(plan(p, [sandbox, side, ended('one', 0), ended('main', 1)])).toMatchObject({ over: true, start: [] })
    expect(plan(p, [sandbox, ended('side', 1), ended('one', 0), ended('main', 0)]).start).toEqual([])
    expect(plan(p, [sandbox, side, ended('one', 3)]).over).toBe(true)
    expect(plan(p, [sandbox, side, ended('one', 0), seen('main')]).over).toBe(false)
    expect(plan(pod({}), [sandbox, ended('main', 0)]).over).toBe(false)
  })

  it('restarts by policy', () => {
    expect(starts(pod({}), [sandbox, ended('main', 0)])).toEqual(['main#1'])
    expect(starts(pod({ restartPolicy: 'OnFailure' }), [sandbox, ended('main', 0)])).toEqual([])
    expect(starts(pod({ restartPolicy: 'OnFailure' }), [sandbox, ended('main', 2)])).toEqual(['main#1'])
    expect(starts(pod({ restartPolicy: 'Never' }), [sandbox, ended('main', 2)])).toEqual([])
  })

  it('waits for a back-off and says how long', () => {
    const backoffs = new Map([['main', { ends: 2, delay: 10_000, since: now - 4_000 }]])
    const actions = planPod(pod({}), {
      observed: [sandbox, ended('main', 1)],
      backoffs,
      started: new Set(),
      starting: new Set(),
      now,
    })
    expect([actions.start, actions.backoff]).toEqual([[], new Map([['main', 6_000]])])
  })

  it('starts everything anew in a new sandbox, but a finished pod stays finished', () => {
    const dead = ended(SANDBOX, 137)
    expect(starts(pod({}), [dead, seen('main')])).toEqual(['main#1'])
    expect(plan(pod({ restartPolicy: 'Never' }), [dead, ended('main', 0)]).sandbox).toBe('keep')
  })
})

describe('back-off', () => {
  it('restarts at once, then after ten seconds, doubling to five minutes', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8].map(restartDelay)).toEqual([
      0, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000,
    ])
    const since = Date.parse('2026-01-01T00:00:05Z')
    const first = backoffAfter(undefined, ended('main', 1))
    expect(first).toEqual({ ends: 1, delay: 0, since })
    expect(backoffAfter(first, ended('main', 1, { attempt: 1 }))).toEqual({ ends: 2, delay: 10_000, since })
    expect([waitLeft(undefined, now), waitLeft({ ends: 2, delay: 10_000, since }, since + 4_000)]).toEqual([0, 6_000])
    // A clock that was set back would have it wait for hours.
    expect(waitLeft({ ends: 2, delay: 10_000, since }, since - 3_600_000)).toBe(0)
  })

  it('begins anew after ten minutes of running, and goes on where an earlier agent was', () => {
    const long = { finishedAt: '2026-01-01T00:10:00Z' }
    const before: Backoff = { ends: 9, delay: 300_000, since: 0 }
    expect(backoffAfter(before, ended('main', 1, long)).ends).toBe(1)
    expect(backoffAfter(undefined, ended('main', 1, { attempt: 3 })).ends).toBe(4)
    expect(backoffAfter(undefined, ended('main', 1, { attempt: 3 }), ended('main', 1, long)).ends).toBe(2)
  })
})

describe('what else is planned', () => {
  const facts = { backoffs: new Map(), started: new Set<string>(), starting: new Set<string>(), now }

  it('replaces a running container whose image changed, whatever the policy', () => {
    const p = pod({ restartPolicy: 'Never' })
    const same = seen('main', { hash: containerHash(p.spec.containers[0]!) })
    const other = seen('main', { hash: 'other' })
    expect(plan(p, [sandbox, same]).start).toEqual([])
    expect(plan(p, [sandbox, other]).start).toMatchObject([{ attempt: 1, instead: other }])
    expect(planPod(p, { ...facts, observed: [sandbox, other], starting: new Set(['main']) }).start).toEqual([])
  })

  it('starts debugging containers once, beside whatever runs', () => {
    const p = pod({ ephemeralContainers: [{ name: 'debug', image: 'b' }] as PodSpec['ephemeralContainers'] & object })
    expect(starts(p, [sandbox, seen('main')])).toEqual(['debug#0'])
    expect(starts(p, [sandbox, seen('main'), ended('debug', 1)])).toEqual([])
  })

  it('leaves alone what is being started, and lets what comes after it wait', () => {
    const p = pod({ initContainers: [{ name: 'one' }] })
    expect(planPod(p, { ...facts, observed: [sandbox], starting: new Set(['one']) }).start).toEqual([])
  })

  it("restarts by a container's own rules before any policy", () => {
    const rule = (operator: 'In' | 'NotIn') => [{ action: 'Restart' as const, exitCodes: { operator, values: [42] } }]
    const p = (operator: 'In' | 'NotIn') =>
      pod({ containers: [{ name: 'main', restartPolicy: 'Never', restartPolicyRules: rule(operator) }] })
    expect(starts(p('In'), [sandbox, ended('main', 42)])).toEqual(['main#1'])
    expect(starts(p('In'), [sandbox, ended('main', 1)])).toEqual([])
    expect(starts(p('NotIn'), [sandbox, ended('main', 1)])).toEqual(['main#1'])
  })
})

describe('podStatus', () => {
  it('of a pod that has been ended is how its containers ended, whatever their policy', () => {
    const phase = (...observed: Observed[]) =>
      podStatus(pod({}), { ...facts([sandbox, ...observed]), terminal: true }).phase
    expect(phase(ended('main', 143))).toBe('Failed')
    expect(phase(ended('main', 0))).toBe('Succeeded')
    expect(phase(seen('main'))).toBe('Running')
    expect(phase()).toBe('Failed')
  })

  const facts = (observed: Observed[], over: Partial<StatusFacts> = {}): StatusFacts => ({
    observed,
    waiting: new Map(),
    starting: new Map(),
    ready: new Set(),
    started: new Set(),
    podIp: '10.244.0.2',
    hostIp: '172.28.0.11',
    now,
    ...over,
  })
  const condition = (status: ReturnType<typeof podStatus>, type: string): string | undefined =>
    status.conditions?.find((c) => c.type === type)?.status

  it('is Pending while containers are created, Running and Ready when they are', () => {
    const before = podStatus(pod({}), facts([]))
    expect([before.phase, before.containerStatuses![0]!.state]).toEqual([
      'Pending',
      { waiting: { reason: 'ContainerCreating' } },
    ])
    const after = podStatus(
      pod({}),
      facts([sandbox, seen('main')], { ready: new Set(['main']), started: new Set(['main']) }),
    )
    expect([
      after.phase,
      condition(after, 'Ready'),
      condition(after, 'PodReadyToStartContainers'),
      after.podIP,
    ]).toEqual(['Running', 'True', 'True', '10.244.0.2'])
  })

  it('has not ended while a container that failed is being started again', () => {
    const p = pod({ restartPolicy: 'OnFailure', initContainers: [{ name: 'i' }] })
    const phase = (name: string, rest: Observed[]) => {
      const attempts = [ended(name, 1), seen(name, { attempt: 1 })]
      return podStatus(p, facts([sandbox, ...attempts, ...rest], { starting: new Map([[name, 1]]) })).phase
    }
    expect([phase('main', [ended('i', 0)]), phase('i', [])]).toEqual(['Running', 'Pending'])
  })

  it('tells nothing of an attempt before it has started', () => {
    const waiting = new Map([['main', { reason: 'CrashLoopBackOff', message: 'back-off 10s' }]])
    const told = (last: Observed, before: Observed[] = []) =>
      podStatus(pod({}), facts([sandbox, ...before, last], { waiting, starting: new Map([['main', last.attempt]]) }))
        .containerStatuses![0]!
    const first = told(seen('main'))
    expect([first.containerID, first.restartCount, first.started]).toEqual([undefined, 0, false])
    const again = told(seen('main', { attempt: 2 }), [ended('main', 3, { attempt: 1 })])
    expect(again).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 3 } } })
    expect(again.state).toEqual({ waiting: waiting.get('main') })
  })

  it('has init containers started while they run, and asks it of none for debugging', () => {
    const p = pod({ initContainers: [{ name: 'i' }], ephemeralContainers: [{ name: 'e' }] })
    const started = (init: Observed) => {
      const status = podStatus(p, facts([sandbox, init, seen('e')]))
      return [status.initContainerStatuses![0]!.started, status.ephemeralContainerStatuses![0]!.started]
    }
    expect(started(seen('i'))).toEqual([true, undefined])
    expect(started(ended('i', 0))).toEqual([false, undefined])
  })

  it('shows why a container waits and how it ended before', () => {
    const waiting = new Map([['main', { reason: 'CrashLoopBackOff', message: 'back-off 10s' }]])
    const [status] = podStatus(
      pod({}),
      facts([sandbox, ended('main', 3, { attempt: 2 })], { waiting }),
    ).containerStatuses!
    expect(status).toMatchObject({
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 3, reason: 'Error' } },
      restartCount: 2,
      ready: false,
    })
  })

  it('ends Succeeded or Failed by policy and exit codes', () => {
    const phase = (policy: 'Never' | 'OnFailure' | 'Always', code: number) =>
      podStatus(pod({ restartPolicy: policy }), facts([sandbox, ended('main', code)])).phase
    expect([
      phase('Never', 0),
      phase('Never', 1),
      phase('OnFailure', 0),
      phase('OnFailure', 1),
      phase('Always', 0),
    ]).toEqual(['Succeeded', 'Failed', 'Succeeded', 'Running', 'Running'])
    const killed = podStatus(
      pod({}),
      facts([sandbox], { failure: { reason: 'DeadlineExceeded', message: 'too long' } }),
    )
    expect([killed.phase, killed.reason, condition(killed, 'Initialized')]).toEqual([
      'Failed',
      'DeadlineExceeded',
      'True',
    ])
  })

  it('ends when its sidecars have ended too, however they do', () => {
    const p = pod({ restartPolicy: 'Never', initContainers: [{ name: 'side', restartPolicy: 'Always' }] })
    const phase = (side: Observed, main: Observed) => podStatus(p, facts([sandbox, side, main])).phase
    expect(phase(seen('side'), ended('main', 0))).toBe('Running')
    expect(phase(ended('side', 137), ended('main', 0))).toBe('Succeeded')
    expect(phase(ended('side', 0), ended('main', 1))).toBe('Failed')
    const q = pod({ restartPolicy: 'Never', initContainers: [...p.spec.initContainers!, { name: 'one' }] })
    expect(podStatus(q, facts([sandbox, seen('side'), ended('one', 1)])).phase).toBe('Pending')
    const failed = podStatus(q, facts([sandbox, ended('side', 137), ended('one', 1)]))
    expect([failed.phase, failed.reason]).toEqual(['Failed', undefined])
    expect(failed.conditions?.find(({ type }) => type === 'Initialized')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotInitialized',
      message: 'containers with incomplete status: [side one]',
    })
    expect(condition(podStatus(p, facts([sandbox, ended('side', 137), ended('main', 1)])), 'Initialized')).toBe('True')
  })

  it('is not initialized before its init containers are done, and Failed when one fails for good', () => {
    const p = pod({ initContainers: [{ name: 'one' }] })
    const running = podStatus(p, facts([sandbox, seen('one')]))
    expect([running.phase, condition(running, 'Initialized'), running.containerStatuses![0]!.state]).toEqual([
      'Pending',
      'False',
      { waiting: { reason: 'PodInitializing' } },
    ])
    expect(
      podStatus(pod({ restartPolicy: 'Never', initContainers: [{ name: 'one' }] }), facts([sandbox, ended('one', 1)]))
        .phase,
    ).toBe('Failed')
    expect(podStatus(p, facts([sandbox, ended('one', 0)])).initContainerStatuses![0]).toMatchObject({
      ready: true,
      state: { terminated: { reason: 'Completed' } },
    })
  })

  it('never leaves a last phase', () => {
    const over = { ...pod({}), status: { phase: 'Failed' as const } }
    expect(podStatus(over, facts([sandbox, ended('main', 1)])).phase).toBe('Failed')
  })

  it('answers for its own conditions alone and waits for readiness gates', () => {
    const p = pod({ readinessGates: [{ conditionType: 'a/x' }, { conditionType: 'a/y' }] })
    p.status = {
      conditions: [
        { type: 'a/x', status: 'False' },
        { type: 'DisruptionTarget', status: 'True' },
      ],
    }
    const up = facts([sandbox, seen('main')], { ready: new Set(['main']) })
    const { conditions = [] } = podStatus(p, up)
    expect(conditions.map(({ type, status }) => `${type} ${status}`)).toEqual([
      'PodReadyToStartContainers True',
      'Initialized True',
      'Ready False',
      'ContainersReady True',
      'PodScheduled True',
    ])
    expect(conditions[2]).toMatchObject({
      reason: 'ReadinessGatesNotReady',
      message:
        'the status of pod readiness gate "a/x" is not "True", but False, corresponding condition of pod readiness gate "a/y" does not exist.',
    })
    p.status.conditions!.push({ type: 'a/y', status: 'True' })
    p.status.conditions![0]!.status = 'True'
    expect(condition(podStatus(p, up), 'Ready')).toBe('True')
  })

  it('tells who the first process of a container is', () => {
    const user = { uid: 1000, gid: 3000, supplementalGroups: [3000, 4000] }
    const [status] = podStatus(pod({}), facts([sandbox, seen('main', { user })])).containerStatuses!
    expect(status!.user).toEqual({ linux: user })
    expect(podStatus(pod({}), facts([sandbox, seen('main')])).containerStatuses![0]).not.toHaveProperty('user')
  })

  it('names an out-of-memory kill and keeps the time of conditions that did not change', () => {
    const [status] = podStatus(
      pod({ restartPolicy: 'Never' }),
      facts([sandbox, ended('main', 137, { oomKilled: true })]),
    ).containerStatuses!
    expect(status!.state?.terminated?.reason).toBe('OOMKilled')
    const spared = facts([sandbox, ended('main', 0, { oomKilled: true })])
    const [other] = podStatus(pod({ restartPolicy: 'Never' }), spared).containerStatuses!
    expect(other!.state?.terminated?.reason).toBe('Completed')
    const p = pod({})
    p.status = { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: '2020-01-01T00:00:00Z' }] }
    expect(podStatus(p, facts([sandbox])).conditions?.find((c) => c.type === 'Ready')?.lastTransitionTime).toBe(
      '2020-01-01T00:00:00Z',
    )
  })
})
