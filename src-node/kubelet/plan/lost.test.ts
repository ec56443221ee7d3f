import { describe, expect, it } from 'vitest'
import type { ContainerStatus, Pod, PodSpec } from '#types/core/v1'
import { planPod } from './actions.ts'
import { SANDBOX } from './naming.ts'
import type { Observed } from './observed.ts'
import { podStatus, type StatusFacts } from './status.ts'

const now = Date.UTC(2026, 0, 1)
const START = '2026-01-01T00:00:00Z'
const told = (name: string, over: Partial<ContainerStatus>) => ({ name, restartCount: 2, ...over }) as ContainerStatus
const seen = (name: string, over: Partial<Observed> = {}) =>
  ({
    id: name,
    name,
    podUid: 'u',
    attempt: 0,
    hash: '',
    state: 'running',
    startedAt: START,
    imageId: 'i',
    ip: '',
    ...over,
  }) as Observed
const pod = (status: object = {}, spec: Partial<PodSpec> = {}, metadata: object = {}) =>
  ({
    metadata: { name: 'p', namespace: 'd', uid: 'u', ...metadata },
    spec: { containers: [{ name: 'main' }], ...spec },
    status,
  }) as Pod
const statusOf = (of: Pod, observed: Observed[], over: Partial<StatusFacts> = {}) =>
  podStatus(of, {
    observed,
    waiting: new Map(),
    starting: new Map(),
    ready: new Set(['main']),
    started: new Set(['main']),
    podIp: '',
    hostIp: '',
    now,
    ...over,
  })
const attemptOf = (of: Pod) =>
  planPod(of, { observed: [seen(SANDBOX)], backoffs: new Map(), started: new Set(), starting: new Set(), now }).start[0]
    ?.attempt

describe('a container that the engine lost', () => {
  const running = { containerStatuses: [told('main', { state: { running: { startedAt: START } } })] }

  it('is what the one that runs in its place was before, for as long as that runs', () => {
    const [sandbox, again] = [seen(SANDBOX), seen('main', { id: 'new', attempt: 3 })]
    const lastState = { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } }
    const [first] = statusOf(pod(running), [sandbox, again]).containerStatuses ?? []
    expect(first).toMatchObject({ restartCount: 3, state: { running: {} }, lastState })
    const [later] = statusOf(pod({ containerStatuses: [first] }), [sandbox, again]).containerStatuses ?? []
    expect(later).toMatchObject({ containerID: 'docker://new', lastState })
    const fresh = statusOf(pod(), [sandbox, seen('main')]).containerStatuses
    expect(fresh?.[0]?.lastState).toEqual({})
  })

  it('ran, was killed as far as anybody knows, and is started once more', () => {
    const { phase, containerStatuses = [] } = statusOf(pod(running), [seen(SANDBOX)])
    expect(phase).toBe('Running')
    expect(containerStatuses[0]).toMatchObject({
      state: { waiting: { reason: 'ContainerCreating' } },
      lastState: {
        terminated: {
          exitCode: 137,
          reason: 'ContainerStatusUnknown',
          message: 'The container could not be located when the pod was deleted.  The container used to be Running',
        },
      },
      restartCount: 3,
    })
    expect(attemptOf(pod(running))).toBe(3)
    // What was told of it then changes nothing.
    expect(attemptOf(pod({ containerStatuses }))).toBe(3)
    expect(statusOf(pod({ containerStatuses }), [seen(SANDBOX)]).containerStatuses).toEqual(containerStatuses)
  })

  it('that had ended keeps its end and its count', () => {
    const terminated = { exitCode: 3, reason: 'Error' }
    const ended = pod({ containerStatuses: [told('main', { state: { terminated } })] })
    expect(statusOf(ended, [seen(SANDBOX)]).containerStatuses?.[0]).toMatchObject({
      lastState: { terminated },
      restartCount: 3,
    })
    expect(attemptOf(ended)).toBe(3)
  })

  it('of a pod that is being deleted is not started again', () => {
    const { containerStatuses } = statusOf(pod(running, {}, { deletionTimestamp: START }), [seen(SANDBOX)])
    expect(containerStatuses?.[0]).toMatchObject({ restartCount: 2 })
  })

  it('that never was begins at nought', () => {
    expect(attemptOf(pod())).toBe(0)
    expect(statusOf(pod(), []).containerStatuses?.[0]).toMatchObject({ restartCount: 0 })
    const waiting = pod({ containerStatuses: [told('main', { restartCount: 0, state: { waiting: {} } })] })
    expect(attemptOf(waiting)).toBe(0)
  })

  it('of a pod that is over stays as it was told', () => {
    const containerStatuses = [told('main', { state: { terminated: { exitCode: 0, reason: 'Completed' } } })]
    const over = statusOf(pod({ phase: 'Succeeded', containerStatuses }), [seen(SANDBOX)])
    expect(over.containerStatuses?.[0]).toMatchObject({ state: containerStatuses[0]!.state, restartCount: 2 })
    expect(over.containerStatuses?.[0]?.lastState).toEqual({})
  })

  it('of a pod that its node ended has ended too', () => {
    const failure = { reason: 'DeadlineExceeded', message: 'too long' }
    const unknown = {
      exitCode: 137,
      reason: 'ContainerStatusUnknown',
      message: 'The container could not be located when the pod was terminated',
    }
    const { containerStatuses } = statusOf(pod(), [], { failure })
    expect(containerStatuses?.[0]).toMatchObject({ state: { terminated: unknown }, lastState: {} })
    const again = statusOf(pod({ containerStatuses }), [], { failure })
    expect(again.containerStatuses).toEqual(containerStatuses)
    expect(containerStatuses?.[0]?.lastState).toEqual({})
    const withInit = pod({}, { initContainers: [{ name: 'init' }] })
    expect(statusOf(withInit, [], { failure }).containerStatuses?.[0]?.state).toHaveProperty('waiting')
  })
})

describe('an init container that the engine lost', () => {
  const spec = { initContainers: [{ name: 'init' }] }

  it('has ended well when main containers have begun, and the pod stays ready', () => {
    const { conditions, initContainerStatuses } = statusOf(pod({}, spec), [seen(SANDBOX), seen('main')])
    expect(conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True')
    expect(initContainerStatuses?.[0]).toMatchObject({
      ready: true,
      state: {
        terminated: {
          exitCode: 0,
          reason: 'Completed',
          message:
            'Unable to get init container status from container runtime and pod has been initialized, treat it as exit normally',
        },
      },
    })
  })

  it('ended as was told before', () => {
    const terminated = { exitCode: 0, reason: 'Completed', finishedAt: START }
    const before = { initContainerStatuses: [told('init', { restartCount: 0, state: { terminated } })] }
    const { initContainerStatuses } = statusOf(pod(before, spec), [seen(SANDBOX), seen('main')])
    expect(initContainerStatuses?.[0]).toMatchObject({ state: { terminated } })
    expect(initContainerStatuses?.[0]?.lastState).toEqual({})
  })

  it('runs again when nothing has begun', () => {
    const { initContainerStatuses } = statusOf(pod({}, spec), [seen(SANDBOX)])
    expect(initContainerStatuses?.[0]?.state).toEqual({ waiting: { reason: 'PodInitializing' } })
  })
})
