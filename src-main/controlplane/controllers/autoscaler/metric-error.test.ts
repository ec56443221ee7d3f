import type { MetricSpec } from '#types/autoscaling/v2'
import { expect, it } from 'vitest'
import { unavailable, unserved } from './metric-error.ts'

const NONE = 'no custom metrics API (custom.metrics.k8s.io) registered'
const rps = { name: 'rps' }
const describedObject = { kind: 'Ingress', name: 'main', apiVersion: 'networking.k8s.io/v1' }
const value = { type: 'Value' as const, value: '1' }

it.each<[string, MetricSpec, string, string, string]>([
  [
    'pods',
    { type: 'Pods', pods: { metric: rps, target: value } },
    'FailedGetPodsMetric',
    `unable to get metric rps: unable to fetch metrics from custom metrics API: ${NONE}`,
    'failed to get pods metric value: ',
  ],
  [
    'an object',
    { type: 'Object', object: { metric: rps, target: value, describedObject } },
    'FailedGetObjectMetric',
    `unable to get metric rps: Ingress on a main/unable to fetch metrics from custom metrics API: ${NONE}`,
    'failed to get object metric value: ',
  ],
  [
    'something outside',
    { type: 'External', external: { metric: rps, target: value } },
    'FailedGetExternalMetric',
    'unable to get external metric a/rps/nil: unable to fetch metrics from external metrics API: the server could not find the requested resource (get rps.external.metrics.k8s.io)',
    'failed to get rps external metric value: ',
  ],
])('a metric of %s has no server', (_, metric, reason, message, about) => {
  const error = unserved(metric, 'a')
  expect(error).toMatchObject({ reason, message, eventMessage: about + message })
  expect(error.among([error], 2).eventMessage).toBe(
    `invalid metrics (1 invalid out of 2), first error is: ${about}${message}`,
  )
})

it.each<[MetricSpec, string, string]>([
  [
    { type: 'ContainerResource', containerResource: { name: 'memory', container: 'c', target: value } },
    'failed to get memory usage: why',
    'failed to get c container metric value: failed to get memory usage: why',
  ],
  [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 5 } } },
    'failed to get cpu utilization: why',
    'failed to get cpu resource metric value: failed to get cpu utilization: why',
  ],
])('what was not measured is told with its cause', (metric, message, eventMessage) => {
  expect(unavailable(metric, new Error('why'))).toMatchObject({
    reason: `FailedGet${metric.type}Metric`,
    message,
    eventMessage,
  })
})
