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
  [
    { type: '' },
    [
      'm.type: Required value: must specify a metric source type',
      'm.type: Unsupported value: "": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
    ],
  ],
  [
    { type: 'Pods', object: { metric: {}, describedObject: { ...described, apiVersion: 'a/b/c' }, target: value } },
    [
      'm.object.describedObject.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      'm.object.metric.name: Required value: must specify a metric name',
      'm.pods: Required value: must populate information for the given metric source',
    ],
  ],
  [
    { type: 'Pods', pods: { metric: {}, target: average }, external: { metric, target: { type: '', value: '1' } } },
    [
      'm.external.target.type: Required value: must specify a metric target type',
      'm.external.target.type: Invalid value: "": must be either Utilization, Value, or AverageValue',
      'm.external: Forbidden: must populate the given metric source only',
    ],
  ],
  [
    { type: 'ContainerResource', containerResource: { name: 'foo', container: 'C', target: average } },
    [
      'm.containerResource.name: Invalid value: "foo": must be a standard resource type or fully qualified',
      'm.containerResource.name: Invalid value: "foo": must be a standard resource for containers',
      `m.containerResource.container: Invalid value: "C": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
    ],
  ],
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
