import { describe, expect, it } from 'vitest'
import type { Pod, PodSpec, PodStatus } from '#types/core/v1'
import { SANDBOX } from './naming.ts'
import type { Observed } from './observed.ts'
import { podStatus, type StatusFacts } from './status.ts'

const pod = (spec: object = {}) =>
  ({
    metadata: { name: 'p', namespace: 'd', uid: 'u' },
    spec: { restartPolicy: 'Never', containers: [{ name: 'main' }], ...spec } as PodSpec,
  }) as Pod

const seen = (name: string, more: Partial<Observed> = {}) =>
  ({
    id: name,
    name,
    podUid: 'u',
    attempt: 0,
    hash: '',
    state: 'exited',
    exitCode: 0,
    error: '',
    ip: '',
    ...more,
  }) as Observed

const statusOf = (of: Pod, observed: Observed[], more: Partial<StatusFacts> = {}): PodStatus =>
  podStatus(of, {
    observed: [seen(SANDBOX, { state: 'running' }), ...observed],
    waiting: new Map(),
    starting: new Map(),
    ready: new Set(),
    started: new Set(),
    podIp: '',
    hostIp: '',
    now: 0,
    terminal: true,
    ...more,
  })

/** kubernetes.io, "Pod Lifecycle: Pod phase": the kubelet moves pods that are deleted to a terminal phase before they go. */
describe('a pod that ends', () => {
  it('before its containers began has failed, which its Job waits for', () => {
    const status = statusOf(pod(), [])
    expect(status.phase).toBe('Failed')
    expect(status.containerStatuses?.[0]?.state).toEqual({
      terminated: {
        exitCode: 137,
        reason: 'ContainerStatusUnknown',
        message: 'The container could not be located when the pod was terminated',
      },
    })
  })

  it('is as its containers ended, be it that they would have started again', () => {
    for (const [restartPolicy, exitCode, phase] of [
      ['Always', 0, 'Succeeded'],
      ['OnFailure', 1, 'Failed'],
      ['Never', 0, 'Succeeded'],
    ] as const)
      expect(statusOf(pod({ restartPolicy }), [seen('main', { exitCode })]).phase).toBe(phase)
    const two = pod({ containers: [{ name: 'main' }, { name: 'other' }] })
    expect(statusOf(two, [seen('main')]).phase).toBe('Failed')
  })

  it('before it was initialized has failed by that, whatever its main containers wait for', () => {
    const initContainers = [{ name: 'init' }]
    const early = statusOf(pod({ initContainers }), [])
    expect(early.phase).toBe('Failed')
    expect(early.containerStatuses?.[0]?.state).toEqual({ waiting: { reason: 'PodInitializing' } })
    const initialized = statusOf(pod({ initContainers }), [seen('init')])
    expect(initialized.phase).toBe('Failed')
    expect(initialized.containerStatuses?.[0]?.state?.terminated?.reason).toBe('ContainerStatusUnknown')
  })

  it('is Pending for as long as it may still begin', () => {
    expect(statusOf(pod(), [], { terminal: false })).toMatchObject({
      phase: 'Pending',
      containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }],
    })
  })
})
