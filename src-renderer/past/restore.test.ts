import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { recreated, restored } from './restore.ts'

const object = (kind: string, metadata: object, rest: object = {}): KubeObject =>
  partial<KubeObject>({ apiVersion: 'v1', kind, metadata: { name: 'a', namespace: 'd', ...metadata }, ...rest })

const bookkeeping = (n: number): object => ({
  uid: `u${n}`,
  resourceVersion: String(n),
  generation: n,
  creationTimestamp: `2026-01-0${n}T00:00:00Z`,
  managedFields: [n],
})

describe('a version that is restored', () => {
  it('brings back what was asked for, and leaves status and bookkeeping as they are now', () => {
    const then = object(
      'Deployment',
      {
        ...bookkeeping(1),
        labels: { a: 'old' },
        annotations: { note: 'old', 'deployment.kubernetes.io/revision': '1' },
      },
      { spec: { replicas: 2 }, status: { replicas: 2 } },
    )
    const now = object(
      'Deployment',
      { ...bookkeeping(5), annotations: { 'deployment.kubernetes.io/revision': '4', new: 'x' } },
      { spec: { replicas: 9 }, status: { replicas: 9 } },
    )
    expect(restored(now, then)).toEqual(
      object(
        'Deployment',
        {
          ...bookkeeping(5),
          labels: { a: 'old' },
          annotations: { note: 'old', 'deployment.kubernetes.io/revision': '4' },
        },
        { spec: { replicas: 2 }, status: { replicas: 9 } },
      ),
    )
  })

  it('does not begin a deletion that had begun then', () => {
    const then = object('Pod', { ...bookkeeping(1), deletionTimestamp: 'x', deletionGracePeriodSeconds: 30 })
    expect(restored(object('Pod', bookkeeping(2)), then)).toEqual(object('Pod', bookkeeping(2)))
  })
})

describe('an object that is made again', () => {
  it('has nothing of the server, no owners and no finalizers', () => {
    const gone = object(
      'ConfigMap',
      {
        ...bookkeeping(3),
        labels: { a: 'b' },
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
        ownerReferences: [{ name: 'x' }],
        finalizers: ['x'],
      },
      { data: { a: '1' }, status: {} },
    )
    expect(recreated(gone)).toEqual(object('ConfigMap', { labels: { a: 'b' } }, { data: { a: '1' } }))
    expect(recreated(object('ConfigMap', { annotations: { a: 'b' } }))).toEqual(
      object('ConfigMap', { annotations: { a: 'b' } }),
    )
  })

  it('has no node and no token, as a pod', () => {
    const mount = { name: 'kube-api-access-x', mountPath: '/t' }
    const data = { name: 'data', mountPath: '/d' }
    const spec = {
      nodeName: 'n1',
      volumes: [{ name: 'kube-api-access-x' }, { name: 'data' }],
      containers: [{ name: 'c', volumeMounts: [mount, data] }, { name: 'plain' }],
    }
    expect(recreated(object('Pod', {}, { spec }))['spec']).toEqual({
      volumes: [{ name: 'data' }],
      containers: [{ name: 'c', volumeMounts: [data] }, { name: 'plain' }],
    })
  })

  it('gets its addresses and volumes anew, unless it says that it has none', () => {
    const service = (clusterIP: string) =>
      recreated(object('Service', {}, { spec: { clusterIP, clusterIPs: [clusterIP], ports: [] } }))['spec']
    expect(service('10.96.0.9')).toEqual({ ports: [] })
    expect(service('None')).toEqual({ clusterIP: 'None', clusterIPs: ['None'], ports: [] })
    const spec = (kind: string, fields: object) => recreated(object(kind, {}, { spec: fields }))['spec']
    expect(spec('PersistentVolumeClaim', { volumeName: 'pv', accessModes: [] })).toEqual({ accessModes: [] })
    expect(spec('PersistentVolume', { claimRef: { name: 'c', uid: 'u', resourceVersion: '1' } })).toEqual({
      claimRef: { name: 'c' },
    })
    expect(spec('PersistentVolume', { capacity: {} })).toEqual({ capacity: {} })
    expect(spec('Namespace', { finalizers: ['kubernetes'] })).toEqual({})
    expect(recreated(object('ServiceAccount', {}, { secrets: [] }))).toEqual(object('ServiceAccount', {}))
  })

  it('finds its pods anew, as a job', () => {
    const labels = { 'controller-uid': 'u', 'batch.kubernetes.io/job-name': 'a', app: 'x' }
    const spec = { selector: {}, template: { metadata: { labels }, spec: {} } }
    expect(recreated(object('Job', { labels }, { spec }))).toEqual(
      object('Job', { labels: { app: 'x' } }, { spec: { template: { metadata: { labels: { app: 'x' } }, spec: {} } } }),
    )
    const manual = { ...spec, manualSelector: true }
    expect(recreated(object('Job', {}, { spec: manual }))['spec']).toEqual(manual)
    expect(recreated(object('Job', {}))).toEqual(object('Job', {}))
  })
})
