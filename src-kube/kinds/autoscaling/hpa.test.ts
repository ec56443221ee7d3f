import type { HorizontalPodAutoscaler } from '#types/autoscaling/v2'
import { describe, expect, test } from 'vitest'
import { targetsCell } from './hpa-cells.ts'
import { fromBeta, toBeta, toLaterBeta } from './hpa-beta.ts'
import { fromV1, toV1 } from './hpa-conversion.ts'
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts'

const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }
const memory = { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } }
const hpa = (spec: object, status?: object) =>
  ({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'h', uid: 'u', resourceVersion: '1' },
    spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' }, maxReplicas: 3, ...spec },
    ...(status ? { status } : {}),
  }) as HorizontalPodAutoscaler

describe('an autoscaler of before 1.23', () => {
  const versions = horizontalPodAutoscaler.served.map(({ version }) => version)

  test('is served last, as what is gone from Kubernetes is', () => {
    expect(versions).toEqual(['v2', 'v1', 'v2beta2', 'v2beta1'])
  })

  test('comes back from v2beta1 as it was', () => {
    const behavior = { scaleDown: { selectPolicy: 'Disabled' } }
    const pods = { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '5' } }
    const object = hpa({ minReplicas: 1, metrics: [cpu, memory, { type: 'Pods', pods }], behavior })
    const old = toBeta(object)
    expect(old.spec.metrics).toMatchObject([
      { resource: { name: 'cpu', targetAverageUtilization: 50 } },
      { resource: { name: 'memory', targetAverageValue: '1Gi' } },
      { pods: { metricName: 'rps', targetAverageValue: '5' } },
    ])
    const { status: _, ...back } = fromBeta(old)
    expect(back).toEqual(object)
  })

  test('has the status that clients of it read without asking', () => {
    const none = { currentReplicas: 0, desiredReplicas: 0, currentMetrics: [], conditions: [] }
    expect(toBeta(hpa({})).status).toEqual(none)
    expect(toLaterBeta(hpa({})).status).toEqual(none)
    const current = { averageUtilization: 12, averageValue: '10m' }
    const currentMetrics = [{ type: 'Resource', resource: { name: 'cpu', current } }]
    const old = toBeta(hpa({}, { currentReplicas: 2, desiredReplicas: 2, currentMetrics, conditions: [] }))
    const resource = { name: 'cpu', currentAverageUtilization: 12, currentAverageValue: '10m' }
    expect(old.status?.currentMetrics).toEqual([{ type: 'Resource', resource }])
    expect(fromBeta(old).status).toMatchObject({ currentReplicas: 2, currentMetrics })
  })

  test('keeps in v2beta1 an annotation that is not its own', () => {
    const odd = { 'autoscaling.alpha.kubernetes.io/behavior': '{no' }
    const old = toBeta(hpa({}))
    expect(fromBeta({ ...old, metadata: { ...old.metadata, annotations: odd } }).metadata.annotations).toEqual(odd)
  })
})

describe('the older version of an autoscaler', () => {
  test('names the CPU by a number and loses nothing of the rest', () => {
    const behavior = { scaleDown: { selectPolicy: 'Disabled' } }
    const object = hpa({ minReplicas: 1, metrics: [cpu, memory], behavior })
    const old = toV1(object)
    expect(old.spec).toMatchObject({ targetCPUUtilizationPercentage: 50, maxReplicas: 3 })
    expect(old.metadata.annotations).toHaveProperty(['autoscaling.alpha.kubernetes.io/metrics'])
    expect(fromV1({ ...old, status: undefined })).toMatchObject(object)
    expect(fromV1(old).metadata.annotations).toBeUndefined()
  })

  test('shows the use of the CPU', () => {
    const currentMetrics = [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 12 } } }]
    const old = toV1(hpa({ metrics: [cpu] }, { currentReplicas: 2, desiredReplicas: 2, currentMetrics }))
    expect(old.status).toMatchObject({ currentCPUUtilizationPercentage: 12, currentReplicas: 2 })
    const told = { ...old, metadata: { name: 'a' } } as typeof old
    expect(fromV1(told).status).toMatchObject({ currentMetrics, currentReplicas: 2 })
  })

  test('takes metrics as they are written for it', () => {
    const key = 'autoscaling.alpha.kubernetes.io/metrics'
    const own = [{ type: 'Resource', resource: { name: 'memory', targetAverageValue: '1Gi' } }]
    const old = toV1(hpa({ metrics: [cpu, memory] }))
    expect(JSON.parse(old.metadata.annotations![key]!)).toEqual(own)
    const odd = { ...old, metadata: { ...old.metadata, annotations: { [key]: '5' } } }
    expect(fromV1(odd).spec?.metrics).toEqual([cpu])
  })

  test('takes only objects for metrics, whatever a list in an annotation holds', () => {
    const old = toV1(hpa({}))
    const key = 'autoscaling.alpha.kubernetes.io/metrics'
    const annotations = { [key]: '[null, 5, {"type":"Pods","pods":{"metricName":"m","targetAverageValue":"1"}}]' }
    const { metrics } = fromV1({ ...old, metadata: { ...old.metadata, annotations } }).spec
    expect(metrics?.filter(({ type }) => type !== 'Resource')).toMatchObject([{ pods: { metric: { name: 'm' } } }])
  })

  test('keeps an annotation that is not its own', () => {
    const old = toV1(hpa({}))
    const key = 'autoscaling.alpha.kubernetes.io/metrics'
    expect(fromV1({ ...old, metadata: { ...old.metadata, annotations: { [key]: '{no' } } }).metadata).toMatchObject({
      annotations: { [key]: '{no' },
    })
  })
})

test('An autoscaler without metrics aims at 80 % of the CPU, in either version', () => {
  const [now, before] = horizontalPodAutoscaler.served
  const object = hpa({})
  now!.defaults!(object)
  expect(object.spec).toMatchObject({ minReplicas: 1, metrics: [{ resource: { target: { averageUtilization: 80 } } }] })
  expect(before!.toStorage!(toV1(hpa({})))['spec']).toMatchObject(object.spec)
})

test('Its behaviour is filled in where one is given', () => {
  const object = hpa({ behavior: { scaleUp: { stabilizationWindowSeconds: 5 }, scaleDown: {} } })
  horizontalPodAutoscaler.served[0]!.defaults!(object)
  expect(object.spec.behavior).toMatchObject({
    scaleUp: { stabilizationWindowSeconds: 5, selectPolicy: 'Max', policies: [{ type: 'Pods' }, { type: 'Percent' }] },
    scaleDown: { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
  })
  const none = hpa({ behavior: { scaleDown: { policies: [] } } })
  horizontalPodAutoscaler.served[0]!.defaults!(none)
  expect(none.spec.behavior?.scaleDown?.policies).toEqual([])
})

test.each([
  ['<none>', [], []],
  ['cpu: <unknown>/50%', [cpu], []],
  [
    'cpu: 20%/50%, memory: 1Mi/1Gi',
    [cpu, memory],
    [{ resource: { current: { averageUtilization: 20 } } }, { resource: { current: { averageValue: '1Mi' } } }],
  ],
  ['cpu: <unknown>/50%, memory: <unknown>/1Gi + 1 more...', [cpu, memory, cpu], []],
  ['3/5', [{ type: 'Pods', pods: { target: { averageValue: '5' } } }], [{ pods: { current: { averageValue: '3' } } }]],
  ['<unknown>/7', [{ type: 'Object', object: { target: { value: '7' } } }], []],
  ['<unknown>/7 (avg)', [{ type: 'External', external: { target: { averageValue: '7' } } }], []],
  ['cpu: <unknown>/<auto>', [{ type: 'ContainerResource', containerResource: { name: 'cpu' } }], []],
])('Targets are shown as %s', (cell, metrics, currentMetrics) => {
  expect(targetsCell(hpa({ metrics }, { currentMetrics }))).toBe(cell)
})
