import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { en } from '../i18n/en.ts'
import { zh } from '../i18n/zh-cn.ts'
import { claimHealth, jobHealth, nodeHealth, podHealth, replicaHealth } from './health.ts'
import { hintOf } from './hints.ts'

const object = (fields: Record<string, unknown>, metadata: Record<string, unknown> = {}): KubeObject =>
  partial<KubeObject>({ apiVersion: 'v1', kind: 'X', metadata: { name: 'x', ...metadata }, ...fields })

const pod = (status: Record<string, unknown>, metadata = {}): KubeObject =>
  object({ spec: { containers: [{}], initContainers: [{}, {}] }, status }, metadata)
const ready = { conditions: [{ type: 'Ready', status: 'True' }] }
const waiting = (reason: string) => ({ state: { waiting: { reason, message: 'why' } } })
const terminated = (exitCode: number, reason = '') => ({ state: { terminated: { exitCode, reason } } })

describe('a pod says, in the words of kubectl,', () => {
  it.each([
    ['Running', 'ok', pod({ phase: 'Running', ...ready })],
    ['Running', 'progressing', pod({ phase: 'Running' })],
    ['Completed', 'ok', pod({ phase: 'Succeeded', containerStatuses: [terminated(0, 'Completed')] })],
    ['CrashLoopBackOff', 'failed', pod({ phase: 'Running', containerStatuses: [waiting('CrashLoopBackOff')] })],
    ['ContainerCreating', 'progressing', pod({ phase: 'Pending', containerStatuses: [waiting('ContainerCreating')] })],
    ['ExitCode:3', 'failed', pod({ phase: 'Running', containerStatuses: [terminated(3)] })],
    ['Init:0/2', 'progressing', pod({ phase: 'Pending', initContainerStatuses: [waiting('PodInitializing')] })],
    [
      'Init:1/2',
      'progressing',
      pod({ phase: 'Pending', initContainerStatuses: [terminated(0), { state: { running: {} } }] }),
    ],
    [
      'Init:CrashLoopBackOff',
      'failed',
      pod({ phase: 'Pending', initContainerStatuses: [waiting('CrashLoopBackOff')] }),
    ],
    ['Evicted', 'failed', pod({ phase: 'Failed', reason: 'Evicted' })],
    ['Terminating', 'progressing', pod({ phase: 'Running', ...ready }, { deletionTimestamp: 'now' })],
  ])('%s (%s)', (reason, level, from) => {
    expect(podHealth(from)).toMatchObject({ reason, level })
  })

  it('that gates hold it back, as kubectl does', () => {
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'gated' }]
    expect(podHealth(pod({ phase: 'Pending', conditions }))).toMatchObject({
      reason: 'SchedulingGated',
      level: 'progressing',
      hint: 'gated',
    })
  })

  it.each([
    'ContainerCreating',
    'CrashLoopBackOff',
    'ImagePullBackOff',
    'ErrImagePull',
    'ErrImageNeverPull',
    'InvalidImageName',
    'ImageInspectError',
    'CreateContainerConfigError',
    'CreateContainerError',
    'RunContainerError',
  ])('%s, with a next step in every language, also of an init container', (reason) => {
    const { hint } = podHealth(pod({ phase: 'Pending', containerStatuses: [waiting(reason)] }))
    expect([en.hints, zh.hints].map((words) => typeof words[hint as keyof typeof words])).toEqual(['string', 'string'])
    expect(hintOf(`Init:${reason}`)).toBe(hint)
  })

  it.each(['Evicted', 'Preempting', 'DeadlineExceeded', 'NodeAffinity', 'UnexpectedAdmissionError', 'NodeLost'])(
    '%s of a pod that ended, with a next step',
    (reason) => {
      const { hint } = podHealth(pod({ phase: 'Failed', reason }))
      expect(Object.keys(en.hints)).toContain(hint)
    },
  )

  it('that it runs but is not ready, with where to look', () => {
    expect(podHealth(pod({ phase: 'Running' })).hint).toBe('readiness')
  })

  it('how a container that crashes again and again ended last, instead of how long it is held back', () => {
    const crashing = (last: object) =>
      podHealth(
        pod({
          phase: 'Running',
          containerStatuses: [
            { name: 'web', restartCount: 4, ...waiting('CrashLoopBackOff'), lastState: { terminated: last } },
          ],
        }),
      )
    const failed = crashing({ exitCode: 3, reason: 'Error', message: 'no database\n' })
    expect(failed).toMatchObject({
      hint: 'crashed',
      message: 'no database',
      about: { container: 'web', code: 3, count: 4 },
    })
    expect(crashing({ exitCode: 0, reason: 'Completed' })).not.toHaveProperty('message')
    expect(crashing({ exitCode: 137, reason: 'OOMKilled' }).hint).toBe('memory')
    expect(crashing({ exitCode: 128, reason: 'StartError' }).hint).toBe('command')
  })

  it.each([
    ['no nodes available to schedule pods', 'noNodes'],
    ['0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims.', 'claimUnbound'],
    ['0/2 nodes are available: persistentvolumeclaim "x" not found.', 'claimUnbound'],
    ['0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s).', 'resources'],
    ['0/2 nodes are available: 2 node(s) had untolerated taint(s).', 'tainted'],
    ["0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.", 'noMatch'],
  ])('what can be done where "%s"', (message, hint) => {
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }]
    expect(podHealth(pod({ phase: 'Pending', conditions })).hint).toBe(hint)
    expect(Object.keys(zh.hints)).toContain(hint)
  })

  it('why it cannot be scheduled, with the next step', () => {
    const conditions = [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available' },
    ]
    expect(podHealth(pod({ phase: 'Pending', conditions }))).toEqual({
      level: 'warning',
      reason: 'Pending',
      message: '0/3 nodes are available',
      hint: 'unschedulable',
    })
  })
})

describe('a node is', () => {
  it.each([
    ['Ready', 'ok', 'True', false],
    ['Ready,SchedulingDisabled', 'warning', 'True', true],
    ['NotReady', 'failed', 'False', false],
    ['NotReady', 'unknown', 'Unknown', false],
  ])('%s (%s)', (reason, level, status, unschedulable) => {
    const node = object({ spec: { unschedulable }, status: { conditions: [{ type: 'Ready', status }] } })
    expect(nodeHealth(node)).toMatchObject({ reason, level })
  })
})

describe('workloads', () => {
  it('are available when as many pods are ready and new as were asked for', () => {
    const deployment = (status: Record<string, unknown>, replicas = 3) =>
      replicaHealth(object({ spec: { replicas }, status }))
    expect(deployment({ readyReplicas: 3, updatedReplicas: 3 }).level).toBe('ok')
    expect(deployment({ readyReplicas: 3, updatedReplicas: 1 }).level).toBe('progressing')
    expect(deployment({ readyReplicas: 2, updatedReplicas: 3 }).message).toBe('2/3')
    expect(deployment({}, 0).reason).toBe('ScaledToZero')
    expect(replicaHealth(object({ spec: { replicas: 1, paused: true }, status: {} }))).toMatchObject({
      level: 'warning',
      reason: 'Paused',
      hint: 'paused',
    })
    expect(deployment({ conditions: [{ type: 'Progressing', reason: 'ProgressDeadlineExceeded' }] })).toMatchObject({
      level: 'failed',
      hint: 'rollout',
    })
  })

  it('claims wait for a volume and say what it may depend on', () => {
    const claim = (phase: string) => claimHealth(object({ status: { phase } }))
    expect([claim('Pending').hint, claim('Bound').hint, claim('Lost').hint]).toEqual([
      'claimPending',
      undefined,
      'claimLost',
    ])
  })

  it('jobs that failed say why they are not tried again', () => {
    const conditions = [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'too often' }]
    expect(jobHealth(object({ status: { conditions } }))).toEqual({
      level: 'failed',
      reason: 'Failed',
      message: 'too often',
      hint: 'jobFailed',
    })
  })

  it('jobs end well or badly', () => {
    const job = (type: string) => jobHealth(object({ status: { conditions: [{ type, status: 'True' }] } })).level
    expect([job('Complete'), job('Failed'), job('Suspended'), job('Other')]).toEqual([
      'ok',
      'failed',
      'warning',
      'progressing',
    ])
  })
})
