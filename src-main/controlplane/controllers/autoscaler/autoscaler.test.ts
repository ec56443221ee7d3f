import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Deployment } from '#types/apps/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import { resourceSource } from '../discovery.ts'
import { harness } from '../testing/harness.ts'
import { autoscalerController, autoscalers } from './index.ts'
import type { AskOthers } from './other-metrics.ts'
import type { UsageSource } from './usage.ts'

/** Of a custom resource. */
const widgets = { group: 'example.com', version: 'v1', resource: 'widgets', kind: 'Widget', namespaced: true }
let h = harness([])
/** Thousandths of a CPU that each pod uses; undefined when nothing is measured. */
let cpu: number | undefined
/** What other servers say of metrics. */
let others: AskOthers
let refuse: string | undefined
let selector: string | undefined
/** Milliseconds that it takes to measure. */
let slow = 0
const usage: UsageSource = async (pods) => {
  if (slow > 0) await new Promise<void>((measured) => h.clock.after(slow, measured))
  return new Map(
    cpu === undefined ? [] : pods.map(({ metadata }) => [metadata.uid, new Map([['c', { cpu: cpu!, memory: 0 }]])]),
  )
}
const web = () => h.server.peek(refs.deployments, 'web', 'a') as Deployment
const status = () => h.server.peek(autoscalers, 'h', 'a')?.status
const condition = (type: string) => status()?.conditions?.find((one) => one.type === type)
const setReplicas = (replicas: number) => {
  h.server.put(refs.deployments, { ...web(), spec: { ...web().spec, replicas }, status: { replicas } })
  for (const pod of h.pods()) h.server.remove(refs.pods, pod.metadata.name, 'a')
  for (let i = 0; i < replicas; i++) runningPod(`p${i}`)
}
const runningPod = (name: string) => {
  const lastTransitionTime = formatTime(h.clock.now() - 600_000)
  h.server.put(refs.pods, {
    metadata: { name, namespace: 'a', labels: { app: 'web' } },
    spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] },
    status: {
      phase: 'Running',
      startTime: lastTransitionTime,
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime }],
    },
  })
}
const put = (spec: object = {}) =>
  h.server.put(autoscalers, {
    metadata: { name: 'h', namespace: 'a' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 1,
      maxReplicas: 8,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
      ...spec,
    },
  })
beforeEach(async () => {
  cpu = undefined
  slow = 0
  refuse = undefined
  selector = 'app=web'
  others = () => Promise.resolve(undefined)
  const resources = resourceSource([refs.deployments, refs.pods, widgets], undefined)
  h = harness([autoscalerController(usage, resources, (...path) => others(...path))])
  h.server.put(refs.deployments, { metadata: { name: 'web', namespace: 'a' }, spec: {} })
  // The fake server has no scales: this one is of the deployment.
  h.server.intercept = ({ verb, subresource, body, name, resource }) => {
    if (subresource !== 'scale') return undefined
    if (refuse === verb) throw new StatusError(403, 'Forbidden', 'no')
    if (verb === 'update') setReplicas((body as { spec: { replicas: number } }).spec.replicas)
    const found = resource === widgets ? undefined : h.server.peek(refs.deployments, name ?? '', 'a')
    if (!found) throw new StatusError(404, 'NotFound', `${resource.resource} "${name}" not found`)
    const { spec, status: state, metadata } = found
    const scale = { spec: { replicas: spec.replicas }, status: { replicas: state?.replicas, selector } }
    return { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata, ...scale }
  }
  await h.start()
})
afterEach(() => h.finish())

describe('an autoscaler', () => {
  it('waits for as much excess as its behaviour tolerates', async () => {
    setReplicas(2)
    await h.settle()
    cpu = 600
    put({ behavior: { scaleUp: { tolerance: '0.25' } } })
    await h.pass(1000)
    expect(web().spec.replicas).toBe(2)
    put({ behavior: { scaleUp: { tolerance: '50m' } } })
    await h.pass(1000)
    expect(web().spec.replicas).toBe(3)
  })

  it('gives a busy target more replicas, says what it saw, and does not do it twice', async () => {
    setReplicas(2)
    await h.settle()
    cpu = 900
    put()
    await h.pass(1000)
    expect(web().spec.replicas).toBe(4)
    expect(status()).toMatchObject({
      currentReplicas: 2,
      desiredReplicas: 4,
      lastScaleTime: formatTime(h.clock.now() - 1000),
      currentMetrics: [
        { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 90, averageValue: '900m' } } },
      ],
    })
    expect(h.eventMessages()).toEqual([
      'New size: 4; reason: cpu resource utilization (percentage of request) above target',
    ])
    expect(condition('AbleToScale')).toMatchObject({ status: 'True', reason: 'SucceededRescale' })
    expect(condition('ScalingActive')).toMatchObject({ status: 'True', reason: 'ValidMetricFound' })
    cpu = 500
    await h.pass(60_000)
    expect(status()).toMatchObject({ currentReplicas: 4, desiredReplicas: 4 })
  })

  // Every fifteen seconds four more or twice as many, by default of a behaviour that is stated.
  it('grows at each look as fast as it may, also when a look takes its time', async () => {
    setReplicas(1)
    await h.settle()
    cpu = 10_000
    slow = 5
    put({ maxReplicas: 100, behavior: {} })
    await h.pass(1000, 1)
    expect(web().spec.replicas).toBe(5)
    await h.pass(15_000, 3)
    expect(web().spec.replicas).toBe(10)
    await h.pass(15_010, 3)
    expect(web().spec.replicas).toBe(20)
  })

  it('follows a metric from outside that another server knows, and says why while it does not', async () => {
    setReplicas(2)
    await h.settle()
    others = () => Promise.reject(new Error('it sleeps'))
    const target = { type: 'AverageValue', averageValue: '10' }
    put({ metrics: [{ type: 'External', external: { metric: { name: 'queue' }, target } }] })
    await h.pass(1000)
    expect(condition('ScalingActive')).toMatchObject({ status: 'False', reason: 'FailedGetExternalMetric' })
    expect(condition('ScalingActive')?.message).toContain(
      'unable to fetch metrics from external metrics API: it sleeps',
    )
    others = () => Promise.resolve({ items: [{ value: '30' }] })
    await h.pass(20_000)
    expect(web().spec.replicas).toBe(3)
    expect(h.eventMessages()).toContain('New size: 3; reason: external metric queue(nil) above target')
    others = () => Promise.resolve({ items: [] })
    await h.pass(20_000)
    expect(condition('ScalingActive')?.message).toContain('no metrics returned from external metrics API')
  })

  it('gives an idle one fewer, five minutes after it was busy last', async () => {
    setReplicas(4)
    await h.settle()
    cpu = 500
    put()
    await h.pass(1000)
    cpu = 100
    await h.pass(240_000, 40)
    expect(web().spec.replicas).toBe(4)
    expect(condition('AbleToScale')?.reason).toBe('ScaleDownStabilized')
    await h.pass(90_000, 40)
    expect(web().spec.replicas).toBe(1)
    expect(h.eventMessages()).toContain('New size: 1; reason: All metrics below target')
  })

  it('keeps its target within its bounds whatever is measured', async () => {
    setReplicas(9)
    await h.settle()
    put()
    await h.pass(1000)
    expect(web().spec.replicas).toBe(8)
    setReplicas(1)
    await h.settle()
    h.server.put(autoscalers, { ...h.server.peek(autoscalers, 'h', 'a')!, spec: { ...put().spec, minReplicas: 3 } })
    await h.pass(1000)
    expect(web().spec.replicas).toBe(3)
    expect(h.eventMessages()).toEqual([
      'New size: 8; reason: Current number of replicas above Spec.MaxReplicas',
      'New size: 3; reason: Current number of replicas below Spec.MinReplicas',
    ])
  })

  it('leaves a target with no replicas alone', async () => {
    setReplicas(0)
    await h.settle()
    cpu = 900
    put()
    await h.pass(20_000)
    expect(web().spec.replicas).toBe(0)
    expect(condition('ScalingActive')).toMatchObject({ status: 'False', reason: 'ScalingDisabled' })
  })
})

describe('what an autoscaler cannot do, it says:', () => {
  const external = { type: 'External', external: { metric: { name: 'y' }, target: { type: 'Value', value: '1' } } }

  it('find its target', async () => {
    put({ scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'gone' } })
    await h.pass(1000)
    expect(condition('AbleToScale')).toMatchObject({ status: 'False', reason: 'FailedGetScale' })
    expect(h.eventMessages()).toContain('deployments "gone" not found')
    put({ scaleTargetRef: { kind: 'Ghost', name: 'p' } })
    await h.pass(1000)
    expect(h.eventMessages()).toContain('no matches for kind "Ghost" in group ""')
    put({ scaleTargetRef: { kind: 'Widget', apiVersion: 'example.com/v1', name: 'w' } })
    await h.pass(1000)
    expect(h.eventMessages()).toContain('widgets "w" not found')
  })

  it('scale a kind without a scale', async () => {
    h.server.intercept = ({ subresource }) => {
      if (subresource !== 'scale') return undefined
      throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {})
    }
    put()
    await h.pass(1000)
    expect(condition('AbleToScale')?.message).toBe(
      "the HPA controller was unable to get the target's current scale: the server could not find the requested resource",
    )
  })

  it('measure', async () => {
    setReplicas(2)
    await h.settle()
    put()
    await h.pass(1000)
    expect(condition('ScalingActive')).toMatchObject({ status: 'False', reason: 'FailedGetResourceMetric' })
    expect(h.eventReasons()).toEqual(['FailedGetResourceMetric', 'FailedComputeMetricsReplicas'])
    const words =
      'failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API'
    expect(condition('ScalingActive')?.message).toBe(`the HPA was unable to compute the replica count: ${words}`)
    expect(h.eventMessages()).toEqual([
      words,
      `invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${words}`,
    ])
    expect(web().spec.replicas).toBe(2)
  })

  it('which of its metrics it could not have', async () => {
    setReplicas(2)
    await h.settle()
    const target = { type: 'AverageValue', averageValue: '1' }
    put({ metrics: [{ type: 'Pods', pods: { metric: { name: 'x' }, target } }, external] })
    await h.pass(1000)
    expect(h.eventReasons()).toEqual(['FailedGetPodsMetric', 'FailedGetExternalMetric', 'FailedComputeMetricsReplicas'])
    expect(condition('ScalingActive')).toMatchObject({ reason: 'FailedGetPodsMetric' })
  })

  it('use metrics that nobody serves, but for keeping what others ask for', async () => {
    setReplicas(2)
    await h.settle()
    const pods = { type: 'Pods', pods: { metric: { name: 'x' }, target: { type: 'AverageValue', averageValue: '1' } } }
    put({ metrics: [pods] })
    await h.pass(1000)
    expect(condition('ScalingActive')).toMatchObject({ reason: 'FailedGetPodsMetric' })
    cpu = 900
    const container = { name: 'cpu', container: 'c', target: { type: 'AverageValue', averageValue: '300m' } }
    put({ behavior: {}, metrics: [pods, { type: 'ContainerResource', containerResource: container }] })
    await h.pass(1000)
    expect(web().spec.replicas).toBe(6)
    expect(h.eventMessages()).toContain('New size: 6; reason: cpu container resource above target')
  })

  it('change its target', async () => {
    setReplicas(2)
    await h.settle()
    cpu = 900
    refuse = 'update'
    put()
    await h.pass(1000)
    expect(condition('AbleToScale')).toMatchObject({ status: 'False', reason: 'FailedUpdateScale' })
    expect(h.eventReasons()).toContain('FailedRescale')
    refuse = undefined
    await h.pass(20_000)
    expect(web().spec.replicas).toBe(4)
  })
})

it('an autoscaler that is gone is forgotten', async () => {
  setReplicas(2)
  await h.settle()
  cpu = 500
  put()
  await h.pass(1000)
  h.server.remove(autoscalers, 'h', 'a')
  cpu = 900
  await h.pass(60_000)
  expect(web().spec.replicas).toBe(2)
})

describe('whose pods they are', () => {
  it('has to be said by the target', async () => {
    selector = undefined
    setReplicas(2)
    put()
    await h.pass(100)
    expect(condition('ScalingActive')).toMatchObject({
      status: 'False',
      reason: 'InvalidSelector',
      message: "the HPA target's scale is missing a selector",
    })
    expect(h.eventReasons()).toEqual(expect.arrayContaining(['SelectorRequired', 'FailedComputeMetricsReplicas']))
  })

  it('is one autoscaler alone, and again when the other is gone', async () => {
    cpu = 500
    setReplicas(2)
    put()
    await h.pass(100)
    const other = h.server.peek(autoscalers, 'h', 'a')!
    h.server.put(autoscalers, { metadata: { name: 'i', namespace: 'a' }, spec: other.spec })
    await h.pass(16_000)
    const words = 'pods by selector app=web are controlled by multiple HPAs: [{h a} {i a}]'
    expect(condition('ScalingActive')).toMatchObject({ status: 'False', reason: 'AmbiguousSelector', message: words })
    expect(h.eventMessages()).toContain(words)
    h.server.remove(autoscalers, 'i', 'a')
    await h.pass(16_000)
    expect(condition('ScalingActive')).toMatchObject({ status: 'True', reason: 'ValidMetricFound' })
  })
})
