import type { Pod } from '#types/core/v1'
import { expect, test } from 'vitest'
import { formatMetrics } from '../../../../src-kube/machinery/metrics/prometheus.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { podResourceMetrics } from './pod-resources.ts'

const pod = (spec: object, phase: NonNullable<Pod['status']>['phase'] = 'Running') =>
  partial<Pod>({
    metadata: { name: 'p', namespace: 'shop' },
    spec: { nodeName: 'n1', schedulerName: 'default-scheduler', priority: 5, ...spec },
    status: { phase },
  })
const asking = (requests: object, limits = {}) => ({ containers: [{ name: 'c', resources: { requests, limits } }] })

test('pods tell what they ask for and may have, in the units of their resources', () => {
  const requests = {
    cpu: '250m',
    memory: '1Ki',
    'example.com/gpu': '2',
    'hugepages-2Mi': '2Mi',
    'ephemeral-storage': '0',
  }
  const about = 'namespace="shop",pod="p",node="n1",scheduler="default-scheduler",priority="5"'
  const lines = formatMetrics(podResourceMetrics([pod(asking(requests, { cpu: '1' }))])).split('\n')
  expect(lines.filter((line) => line.startsWith('kube_'))).toEqual([
    `kube_pod_resource_request{${about},resource="cpu",unit="cores"} 0.25`,
    `kube_pod_resource_request{${about},resource="memory",unit="bytes"} 1024`,
    `kube_pod_resource_request{${about},resource="example.com/gpu",unit="integer"} 2`,
    `kube_pod_resource_request{${about},resource="hugepages-2Mi",unit="bytes"} 2097152`,
    `kube_pod_resource_limit{${about},resource="cpu",unit="cores"} 1`,
  ])
})

test('a pod that has ended on its node asks for nothing any more, one without a node does', () => {
  const spec = asking({ cpu: '1' })
  expect(formatMetrics(podResourceMetrics([pod(spec, 'Succeeded'), pod(spec, 'Failed')]))).toBe('')
  const waiting = pod({ ...spec, nodeName: undefined, priority: undefined }, 'Pending')
  expect(formatMetrics(podResourceMetrics([waiting]))).toContain('node="",scheduler="default-scheduler",priority="",')
})
