import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { views } from '../kinds/index.ts'
import { problemsOf } from './problems.ts'

const view = views.find((one) => one.id === 'pods')!
const pod = (name: string, owner: string, reason: string): KubeObject =>
  partial<KubeObject>({
    metadata: { name, namespace: 'shop', uid: name, ownerReferences: [{ uid: owner, controller: true }] },
    status: {
      phase: 'Running',
      containerStatuses: [{ state: { waiting: { reason, message: `back-off of ${name}` } } }],
    },
  })

it('says once what several pods of an owner have, the worst first', () => {
  const objects = [
    pod('pod-b', 'web', 'CrashLoopBackOff'),
    pod('pod-a', 'web', 'CrashLoopBackOff'),
    pod('pod-c', 'web', 'ImagePullBackOff'),
    pod('pod-d', 'cart', 'CrashLoopBackOff'),
  ]
  const found = problemsOf([{ view, objects }])
  expect(found.map((one) => [one.health.reason, one.objects.map((object) => object.metadata.name)])).toEqual([
    ['CrashLoopBackOff', ['pod-a', 'pod-b']],
    ['ImagePullBackOff', ['pod-c']],
    ['CrashLoopBackOff', ['pod-d']],
  ])
  expect(problemsOf([{ view, objects }], 1)).toHaveLength(1)
})

it('says once for the whole cluster that there is no node', () => {
  const message = 'no nodes available to schedule pods'
  const waiting = (name: string, namespace: string): KubeObject =>
    partial<KubeObject>({
      metadata: { name, namespace, uid: name },
      status: {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
      },
    })
  const found = problemsOf([{ view, objects: [waiting('pod-a', 'shop'), waiting('pod-b', 'other')] }])
  expect(found.map(({ objects }) => objects.length)).toEqual([2])
})
