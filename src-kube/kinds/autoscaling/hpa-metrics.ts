import type { MetricSpec as OldMetric, MetricStatus as OldStatus } from '#types/autoscaling/v1'
import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '#types/autoscaling/v2'

/** A share of requests or an amount: which of them a metric aims at follows from what is given. */
const share = (averageUtilization: number | undefined, averageValue: string | undefined): MetricTarget =>
  averageUtilization === undefined
    ? { type: 'AverageValue', averageValue }
    : { type: 'Utilization', averageUtilization }

/** An average wins over the value of the whole, which v1 demands and fills with zero beside it. */
const amount = (value: string | undefined, averageValue: string | undefined): MetricTarget =>
  averageValue === undefined ? { type: 'Value', value } : { type: 'AverageValue', averageValue }

/** Of a metric or a target that was left out. */
const unsaid = {} as MetricTarget & { name: string; selector?: undefined }

/** A metric as autoscaling/v1 writes it in its annotation (reference: conversion of autoscaling/v1). What it must say and does not is judged later. */
export function toOldMetric({ type, resource, containerResource, pods, object, external }: MetricSpec): OldMetric {
  const average = ({ averageUtilization, averageValue }: Partial<MetricTarget> = {}) => ({
    ...(averageUtilization === undefined ? {} : { targetAverageUtilization: averageUtilization }),
    ...(averageValue === undefined ? {} : { targetAverageValue: averageValue }),
  })
  const old: OldMetric = { type: type as OldMetric['type'] }
  if (resource) old.resource = { name: resource.name, ...average(resource.target) }
  if (containerResource) {
    const { name, container, target } = containerResource
    old.containerResource = { name, container, ...average(target) }
  }
  if (pods) {
    const { metric = unsaid, target = unsaid } = pods as Partial<typeof pods>
    old.pods = { metricName: metric.name, targetAverageValue: target.averageValue ?? '0', selector: metric.selector }
  }
  if (object) {
    const { describedObject, metric = unsaid, target = unsaid } = object as Partial<typeof object>
    const { value = '0', averageValue } = target
    const { name: metricName, selector } = metric
    old.object = { target: describedObject!, metricName, targetValue: value, selector, averageValue }
  }
  if (external) {
    const { metric = unsaid, target = unsaid } = external as Partial<typeof external>
    const { name: metricName, selector: metricSelector } = metric
    old.external = { metricName, metricSelector, targetValue: target.value, targetAverageValue: target.averageValue }
  }
  return old
}

/** The inverse of {@link toOldMetric}. */
export function fromOldMetric({ type, resource, containerResource, pods, object, external }: OldMetric): MetricSpec {
  const metric: MetricSpec = { type }
  if (resource) {
    const { name, targetAverageUtilization, targetAverageValue } = resource
    metric.resource = { name, target: share(targetAverageUtilization, targetAverageValue) }
  }
  if (containerResource) {
    const { name, container, targetAverageUtilization, targetAverageValue } = containerResource
    metric.containerResource = { name, container, target: share(targetAverageUtilization, targetAverageValue) }
  }
  if (pods) {
    const { metricName: name, targetAverageValue: averageValue, selector } = pods
    metric.pods = { metric: { name, selector }, target: { type: 'AverageValue', averageValue } }
  }
  if (object) {
    const { target, metricName: name, targetValue, selector, averageValue } = object
    metric.object = { describedObject: target, metric: { name, selector }, target: amount(targetValue, averageValue) }
  }
  if (external) {
    const { metricName: name, metricSelector: selector, targetValue, targetAverageValue } = external
    metric.external = { metric: { name, selector }, target: amount(targetValue, targetAverageValue) }
  }
  return metric
}

/** What a metric was found to be, as autoscaling/v1 writes it. */
export function toOldStatus({ type, resource, containerResource, pods, object, external }: MetricStatus): OldStatus {
  const average = ({ averageUtilization, averageValue = '0' }: MetricValueStatus) => ({
    ...(averageUtilization === undefined ? {} : { currentAverageUtilization: averageUtilization }),
    currentAverageValue: averageValue,
  })
  const old: OldStatus = { type: type as OldStatus['type'] }
  if (resource) old.resource = { name: resource.name, ...average(resource.current) }
  if (containerResource) {
    const { name, container, current } = containerResource
    old.containerResource = { name, container, ...average(current) }
  }
  if (pods) {
    const { metric, current } = pods
    old.pods = { metricName: metric.name, currentAverageValue: current.averageValue ?? '0', selector: metric.selector }
  }
  if (object) {
    const { describedObject: target, metric, current } = object
    const { name: metricName, selector } = metric
    const { value: currentValue = '0', averageValue } = current
    old.object = { target, metricName, currentValue, selector, averageValue }
  }
  if (external) {
    const { metric, current } = external
    const { name: metricName, selector: metricSelector } = metric
    const { value: currentValue = '0', averageValue: currentAverageValue } = current
    old.external = { metricName, metricSelector, currentValue, currentAverageValue }
  }
  return old
}

/** The inverse of {@link toOldStatus}. */
export function fromOldStatus({ type, resource, containerResource, pods, object, external }: OldStatus): MetricStatus {
  const metric: MetricStatus = { type }
  if (resource) {
    const { name, currentAverageUtilization: averageUtilization, currentAverageValue: averageValue } = resource
    metric.resource = { name, current: { averageUtilization, averageValue } }
  }
  if (containerResource) {
    const { name, container, currentAverageUtilization: averageUtilization, currentAverageValue } = containerResource
    metric.containerResource = { name, container, current: { averageUtilization, averageValue: currentAverageValue } }
  }
  if (pods) {
    const { metricName: name, currentAverageValue: averageValue, selector } = pods
    metric.pods = { metric: { name, selector }, current: { averageValue } }
  }
  if (object) {
    const { target, metricName: name, currentValue: value, selector, averageValue } = object
    metric.object = { describedObject: target, metric: { name, selector }, current: { value, averageValue } }
  }
  if (external) {
    const { metricName: name, metricSelector: selector, currentValue: value, currentAverageValue } = external
    metric.external = { metric: { name, selector }, current: { value, averageValue: currentAverageValue } }
  }
  return metric
}
