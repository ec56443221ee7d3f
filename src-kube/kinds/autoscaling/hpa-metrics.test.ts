import type { MetricSpec as OldMetric, MetricStatus as OldStatus } from '#types/autoscaling/v1'
import { expect, test } from 'vitest'
import { fromOldMetric, fromOldStatus, toOldMetric, toOldStatus } from './hpa-metrics.ts'

const selector = { matchLabels: { a: 'b' } }
const target = { kind: 'Ingress', name: 'main', apiVersion: 'networking.k8s.io/v1' }
const metric = { name: 'rps', selector }

test.each<[OldMetric, object]>([
  [
    { type: 'Resource', resource: { name: 'memory', targetAverageUtilization: 60 } },
    { type: 'Resource', resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 60 } } },
  ],
  [
    { type: 'Resource', resource: { name: 'memory', targetAverageValue: '1Gi' } },
    { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } },
  ],
  [
    { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'c', targetAverageUtilization: 60 } },
    {
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: 'c', target: { type: 'Utilization', averageUtilization: 60 } },
    },
  ],
  [
    { type: 'Pods', pods: { metricName: 'rps', targetAverageValue: '5', selector } },
    { type: 'Pods', pods: { metric, target: { type: 'AverageValue', averageValue: '5' } } },
  ],
  [
    { type: 'Object', object: { target, metricName: 'rps', targetValue: '9', selector } },
    { type: 'Object', object: { describedObject: target, metric, target: { type: 'Value', value: '9' } } },
  ],
  [
    { type: 'Object', object: { target, metricName: 'rps', targetValue: '0', averageValue: '3', selector } },
    {
      type: 'Object',
      object: { describedObject: target, metric, target: { type: 'AverageValue', averageValue: '3' } },
    },
  ],
  [
    { type: 'External', external: { metricName: 'rps', metricSelector: selector, targetValue: '7' } },
    { type: 'External', external: { metric, target: { type: 'Value', value: '7' } } },
  ],
  [
    { type: 'External', external: { metricName: 'rps', metricSelector: selector, targetAverageValue: '7' } },
    { type: 'External', external: { metric, target: { type: 'AverageValue', averageValue: '7' } } },
  ],
])('%j is a metric of both versions', (old, now) => {
  expect(fromOldMetric(old)).toEqual(now)
  expect(toOldMetric(fromOldMetric(old))).toEqual(old)
})

test.each<[OldStatus, object]>([
  [
    { type: 'Resource', resource: { name: 'cpu', currentAverageUtilization: 60, currentAverageValue: '6m' } },
    { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 60, averageValue: '6m' } } },
  ],
  [
    { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'c', currentAverageValue: '6m' } },
    { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'c', current: { averageValue: '6m' } } },
  ],
  [
    { type: 'Pods', pods: { metricName: 'rps', currentAverageValue: '5', selector } },
    { type: 'Pods', pods: { metric, current: { averageValue: '5' } } },
  ],
  [
    { type: 'Object', object: { target, metricName: 'rps', currentValue: '9', selector } },
    { type: 'Object', object: { describedObject: target, metric, current: { value: '9' } } },
  ],
  [
    { type: 'External', external: { metricName: 'rps', metricSelector: selector, currentValue: '7' } },
    { type: 'External', external: { metric, current: { value: '7' } } },
  ],
])('%j is what was found in both versions', (old, now) => {
  expect(fromOldStatus(old)).toEqual(now)
  expect(toOldStatus(fromOldStatus(old))).toEqual(old)
})

test('the older version demands numbers where none are known', () => {
  expect(toOldStatus({ type: 'Pods', pods: { metric, current: {} } }).pods?.currentAverageValue).toBe('0')
  expect(toOldStatus({ type: 'External', external: { metric, current: {} } }).external?.currentValue).toBe('0')
  expect(
    toOldMetric({ type: 'Pods', pods: { metric, target: { type: 'AverageValue' } } }).pods?.targetAverageValue,
  ).toBe('0')
})

test.each(['resource', 'containerResource', 'pods', 'object', 'external'])(
  'a metric of a source (%s) that says nothing yet is written all the same: it is judged after it',
  (source) => {
    expect(() => toOldMetric({ type: 'Pods', [source]: {} } as Parameters<typeof toOldMetric>[0])).not.toThrow()
  },
)
