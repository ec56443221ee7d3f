import { expect, test } from 'vitest'
import type { MetricSpec } from '#types/autoscaling/v2'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { validateMetric } from './autoscaler-metrics.ts'

const metric = { name: 'm' }
const value = { type: 'Value', value: '1' }
const average = { type: 'AverageValue', averageValue: '1' }
const share = { type: 'Utilization', averageUtilization: 50 }
const described = { kind: 'Service', name: 's' }

// kubernetes.io, "Horizontal Pod Autoscaling: Support for metrics APIs".
test.each<[object, string[]]>([
  [{ type: 'Resource', resource: { name: 'cpu', target: share } }, []],
  [{ type: 'ContainerResource', containerResource: { name: 'cpu', container: 'c', target: average } }, []],
  [{ type: 'Pods', pods: { metric, target: average } }, []],
  [{ type: 'Object', object: { metric, describedObject: described, target: value } }, []],
  [{ type: 'External', external: { metric, target: average } }, []],
  [{ type: 'Resource' }, ['m.resource: Required value: must populate information for the given metric source']],
  [
    { type: 'Resource', resource: { name: '', target: { ...share, averageValue: '1' } } },
    [
      'm.resource.name: Required value: must specify a resource name',
      'm.resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization',
    ],
  ],
  [
    { type: 'ContainerResource', containerResource: { name: 'cpu', target: { type: 'Utilization' } } },
    [
      'm.containerResource.container: Required value: must specify a container',
      'm.containerResource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
    ],
  ],
  [
    { type: 'Pods', pods: { metric: { name: 'a/b' }, target: { type: 'AverageValue', averageValue: '0' } } },
    [
      `m.pods.metric.name: Invalid value: "a/b": may not contain '/'`,
      'm.pods.target.averageValue: Invalid value: "0": must be positive',
    ],
  ],
  [
    { type: 'Object', object: { metric: {}, describedObject: { kind: 'Service' }, target: { type: 'Value' } } },
    [
      'm.object.describedObject.name: Required value',
      'm.object.metric.name: Required value: must specify a metric name',
      'm.object.target.averageValue: Required value: must set either a target value or averageValue',
    ],
  ],
  [
    { type: 'External', external: { metric, target: { ...value, averageValue: '1' } } },
    ['m.external.target.value: Forbidden: may not set both a target value for metric and a per-pod target'],
  ],
  [
    { type: 'External', external: { metric, target: { type: 'Odd' } } },
    [
      'm.external.target.type: Invalid value: "Odd": must be either Utilization, Value, or AverageValue',
      'm.external.target.averageValue: Required value: must set either a target value for metric or a per-pod target',
    ],
  ],
])('the metric %j of an autoscaler: %j', (given, words) => {
  const errors = validateMetric(partial<MetricSpec>(given), fieldPath('m'))
  expect(errors.map(({ field, message }) => `${field}: ${message}`)).toEqual(words)
})
