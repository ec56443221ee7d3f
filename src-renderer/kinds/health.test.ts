import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { jobHealth, nodeHealth, podHealth, replicaHealth } from './health.ts'

const object = (fields: Record<string, unknown>, metadata: Record<string, unknown> = {}): KubeObject =>
  ({ apiVersion: 'v1', kind: 'X', metadata: { name: 'x', ...metadata }, ...fields }) as unknown as KubeObject

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
    expect(deployment({ conditions: [{ type: 'Progressing', reason: 'ProgressDeadlineExceeded' }] })).toMatchObject({
      level: 'failed',
      hint: 'rollout',
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
